{#- The distribution of Student's t with any number of degrees of freedom from 1 on, fractions included, as plain expressions.

    With the angle theta = atan(t / sqrt(df)), P(0 < T < t) = c * integral of cos(u)^(df - 1) for u from 0 to theta, where
    c = Gamma((df + 1) / 2) / (sqrt(pi) * Gamma(df / 2)) (Abramowitz and Stegun 1964, section 26.7). Relative errors of quantiles
    stay below 1e-11. -#}

{#- P(T <= t). -#}
{% macro student_t_cdf(t, df) -%}
    case
        when ({{ df }}) is not null
            then 0.5 + sign({{ t }}) * least(0.5, {{ student_t_angle_probability("atan(abs(" ~ t ~ ") / sqrt(" ~ df ~ "))", df) }})
    end
{%- endmacro %}


{#- The t with P(T <= t) = p, for p from 0.00001 to 0.99999, by Halley's method on the angle. It starts from the quantile of the normal
    distribution, expanded in 1 / df (Abramowitz and Stegun 1964, 26.2.23 and 26.7.5), and from 0 where df is too small for that. No step
    goes further than nine tenths of the way to the right angle, at which t is infinite. -#}
{% macro student_t_quantile(p, df) -%}
    {%- set target = "abs((" ~ p ~ ") - 0.5)" -%}
    {%- set newton_step -%}
        ({{ target }} - {{ student_t_angle_probability("theta", df) }}) / ({{ student_t_constant(df) }} * {{ student_t_angle_density("theta", df) }})
    {%- endset -%}
    case when ({{ p }}) is not null and ({{ df }}) is not null then sign(({{ p }}) - 0.5) * sqrt({{ df }}) * tan(list_reduce(
        list_resize([0.0::double], if(({{ df }}) < 5, 20, 5), 0.0::double),
        lambda theta, step: list_transform(
            [{{ newton_step }}],
            lambda newton: theta + least(
                newton / greatest(1 + newton * (({{ df }}) - 1) * tan(theta) / 2, 0.5), 0.9 * (pi() / 2 - theta)
            )
        )[1],
        if(({{ df }}) < 5, 0, atan({{ student_t_guess(target, df) }} / sqrt({{ df }})))
    )) end
{%- endmacro %}


{#- Within some percent of the t > 0 with P(0 < T < t) = target. -#}
{% macro student_t_guess(target, df) -%}
    list_transform(
        list_transform(
            [sqrt(-2 * ln(0.5 - {{ target }}))],
            lambda r: r - (2.515517 + 0.802853 * r + 0.010328 * r ^ 2) / (1 + 1.432788 * r + 0.189269 * r ^ 2 + 0.001308 * r ^ 3)
        ),
        lambda z: z + (z ^ 3 + z) / (4 * ({{ df }})) + (5 * z ^ 5 + 16 * z ^ 3 + 3 * z) / (96 * ({{ df }}) ^ 2)
    )[1]
{%- endmacro %}


{#- P(0 < T < t) of the angle theta >= 0 of t, by the tanh-sinh rule (Takahasi and Mori 1974), whose points and weights are constants.
    Beyond the angle at which the density has fallen to 1e-18 of its peak nothing is left to add. -#}
{% macro student_t_angle_probability(theta, df) -%}
    ({{ student_t_constant(df) }} * list_transform(
        [least({{ theta }}, acos(exp(-41.5 / ({{ df }})))) / 2],
        lambda half: half * list_sum(list_transform(
            list_transform(range(-40, 41), lambda k: {
                'point': 1 + tanh(pi() / 2 * sinh(0.08 * k)),
                'weight': 0.08 * pi() / 2 * cosh(0.08 * k) / cosh(pi() / 2 * sinh(0.08 * k)) ^ 2
            }),
            lambda node: node['weight'] * {{ student_t_angle_density("half * node['point']", df) }}
        ))
    )[1])
{%- endmacro %}


{#- cos(theta)^(df - 1). A large power of a cosine near 1 would lose digits: there it is written with the sine. -#}
{% macro student_t_angle_density(theta, df) -%}
    case
        when ({{ df }}) < 500 then cos({{ theta }}) ^ (({{ df }}) - 1)
        else exp((1 - ({{ df }})) * atanh(least(sin({{ theta }}) ^ 2 / (2 - sin({{ theta }}) ^ 2), 1 - 1e-16)))
    end
{%- endmacro %}


{#- Gamma((df + 1) / 2) / (sqrt(pi) * Gamma(df / 2)). For many degrees of freedom, where the difference of two large logarithms loses
    digits, its asymptotic series. -#}
{% macro student_t_constant(df) -%}
    case
        when ({{ df }}) < 150 then exp(lgamma((({{ df }}) + 1) / 2) - lgamma(({{ df }}) / 2)) / sqrt(pi())
        else sqrt(({{ df }}) / (2 * pi())) * (
            1 - 1 / (4 * ({{ df }})) + 1 / (32 * ({{ df }}) ^ 2) + 5 / (128 * ({{ df }}) ^ 3) - 21 / (2048 * ({{ df }}) ^ 4)
            - 399 / (8192 * ({{ df }}) ^ 5)
        )
    end
{%- endmacro %}
