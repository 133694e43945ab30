{#- Two functions that DuckDB lacks, as rational approximations of full double accuracy: a polynomial over a polynomial, of coefficients
    that depend on the part of the range. A formula that older clients run has no lambdas, and is planned each time that it is asked: it
    makes the argument, the powers of the argument and the value in one CTE after the other. -#}

{#- The powers 0 to `degree` of the name of a column. -#}
{%- macro powers(x, degree) -%}
    [1{% for power in range(1, degree + 1) %}, {{ x }} ^ {{ power }}{% endfor %}]
{%- endmacro -%}

{#- A polynomial over a polynomial; coefficients in order of the power, of as many powers as there are. -#}
{%- macro rational(numerator, denominator, powers) -%}
    list_dot_product('{{ numerator }}'::double[], {{ powers }}) / list_dot_product('{{ denominator }}'::double[], {{ powers }})
{%- endmacro -%}

{#- W. J. Cody (1969), Rational Chebyshev approximations for the error function, Mathematics of Computation 23, 631-637, in the
    form of his Algorithm 715 (1993). The upper tail beyond |z| is approximated; beyond 37.5 it is smaller than any double. -#}
{%- macro normal_cdf(z) -%}
    list_transform(
        [cast({{ z }} as double)],
        lambda z: list_transform(
            [{{ normal_cdf_argument("z") }}],
            lambda a: list_transform([{{ powers("a", 8) }}], lambda a_powers: {{ normal_cdf_of("z", "a_powers") }})[1]
        )[1]
    )[1]
{%- endmacro -%}

{#- What the distribution is approximated in, by its part. -#}
{%- macro normal_cdf_argument(z) -%}
    case
        when abs({{ z }}) <= 0.66291 then {{ z }} * {{ z }}
        when abs({{ z }}) <= 5.656854249492380 then abs({{ z }})
        when abs({{ z }}) > 0 then 1 / ({{ z }} * {{ z }})
        else 0
    end
{%- endmacro -%}

{#- The distribution, of the names of z and of the powers of its argument. -#}
{%- macro normal_cdf_of(z, powers) -%}
    case
        when {{ z }} is null then null
        when abs({{ z }}) <= 0.66291 then 0.5 + {{ z }} * {{ rational(
            "[18154.981253343561249, 1067.6894854603709582, 161.02823106855587881, 2.2352520354606839287, 0.065682337918207449113,
            0, 0, 0, 0]",
            "[45507.789335026729956, 10260.932208618978205, 976.09855173777669322, 47.20258190468824187, 1, 0, 0, 0, 0]", powers) }}
        else case when {{ z }} > 0 then 1 else 0 end - sign({{ z }}) * case
            when abs({{ z }}) <= 5.656854249492380 then exp(-{{ z }} * {{ z }} / 2) * {{ rational(
                "[9842.7148383839780218, 11602.651437647350124, 6848.1904505362823326, 2494.5375852903726711, 597.27027639480026226,
                93.506656132177855979, 8.8831497943883759412, 0.39894151208813466764, 1.0765576773720192317e-8]",
                "[19685.429676859990727, 38912.003286093271411, 34900.952721145977266, 18615.571640885098091, 6485.558298266760755,
                1519.377599407554805, 235.38790178262499861, 22.266688044328115691, 1]", powers) }}
            when abs({{ z }}) <= 37.5 then exp(-{{ z }} * {{ z }} / 2) / abs({{ z }}) * (
                1 / sqrt(2 * pi()) - {{ rational(
                "[2.9112874951168792e-5, 0.001421619193227893466, 0.022235277870649807, 0.1274011611602473639, 0.21589853405795699,
                0.02307344176494017303, 0, 0, 0]",
                "[7.29751555083966205e-5, 0.00378239633202758244, 0.0659881378689285515, 0.468238212480865118, 1.28426009614491121, 1,
                0, 0, 0]", powers) }} / ({{ z }} * {{ z }})
            )
            else 0
        end
    end
{%- endmacro -%}

{#- M. J. Wichura (1988), Algorithm AS 241: The percentage points of the normal distribution, Applied Statistics 37, 477-484:
    about 1 part in 10^16. -#}
{%- macro normal_quantile(p) -%}
    list_transform(
        [cast({{ p }} as double)],
        lambda p: list_transform(
            [{{ normal_quantile_argument("p") }}],
            lambda a: list_transform([{{ powers("a", 7) }}], lambda a_powers: {{ normal_quantile_of("p", "a_powers") }})[1]
        )[1]
    )[1]
{%- endmacro -%}

{#- exp(-25) parts the near tail from the far one. -#}
{%- macro normal_quantile_argument(p) -%}
    case
        when abs({{ p }} - 0.5) <= 0.425 then 0.180625 - ({{ p }} - 0.5) ^ 2
        when {{ p }} > 0 and {{ p }} < 1
            then sqrt(-ln(least({{ p }}, 1 - {{ p }}))) - if(least({{ p }}, 1 - {{ p }}) >= exp(-25), 1.6, 5)
        else 0
    end
{%- endmacro -%}

{#- The quantile, of the names of p and of the powers of its argument. -#}
{%- macro normal_quantile_of(p, powers) -%}
    case
        when abs({{ p }} - 0.5) <= 0.425 then ({{ p }} - 0.5) * {{ rational(
            "[3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
            67265.770927008700853, 33430.575583588128105, 2509.0809287301226727]",
            "[1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061,
            28729.085735721942674, 5226.495278852854561]", powers) }}
        when {{ p }} > 0 and {{ p }} < 1 then sign({{ p }} - 0.5) * case
            when least({{ p }}, 1 - {{ p }}) >= exp(-25) then {{ rational(
                "[1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
                1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4]",
                "[1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
                0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9]", powers) }}
            else {{ rational(
                "[6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
                0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7]",
                "[1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
                1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15]", powers) }}
        end
    end
{%- endmacro -%}

{#- The CTE `quantiles`, the columns of `settings` with the quantile z in the place of its probability p, one CTE after the other. -#}
{%- macro normal_quantile_ctes() -%}
tails as (

    select
        *,
        {{ normal_quantile_argument("p") }} as tail
    from settings

),

reading as (

    select
        *,
        {{ powers("tail", 7) }} as tail_powers
    from tails

),

quantiles as (

    select
        * exclude (p, tail, tail_powers),
        {{ normal_quantile_of("p", "tail_powers") }} as z
    from reading

)
{%- endmacro -%}

{#- The quantile at 80 %, the usual power of a test: a number, as what computes it has lambdas, which older clients lack. -#}
{%- macro normal_quantile_at_80_percent() -%}
    0.8416212335729143
{%- endmacro -%}
