with

settings (setting, value, description) as (

    values
    (
        'attribution_window_days',
        '{{ sql_text(var("attribution_window_days")) }}',
        'An order is credited to the influencer''s latest post within this many days before it.'
    ),
    (
        'break_even',
        '{{ sql_text(var("break_even")) }}',
        'Incremental ROAS from which influencers and experiments earn; margin is 1 / contribution margin.'
    ),
    (
        'ci_level',
        '{{ sql_text(var("ci_level")) }}',
        'Level of the two-sided intervals, between 0 and 1. A geo test may have a level of its own.'
    ),
    (
        'currency',
        '{{ sql_text(var("currency")) }}',
        'Currency of all money, as ISO 4217 code. Amounts are those of the exports; nothing is converted.'
    ),
    (
        'fiscal_year_start_month',
        '{{ sql_text(var("fiscal_year_start_month")) }}',
        'Month in which the fiscal year starts: 1 is January, 4 April.'
    ),
    (
        'return_window_days',
        '{{ sql_text(var("return_window_days")) }}',
        'Days after an order in which it can still come back. Revenue of younger days may yet fall.'
    ),
    (
        'stale_after_days',
        '{{ sql_text(var("stale_after_days")) }}',
        'After this many days without new data the viewer says that the data are stale.'
    )

)

select * from settings
