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
        'Incremental ROAS from which influencers and experiments are profitable; margin is 1 / contribution margin.'
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
        'dates_day_first',
        '{{ sql_text(var("dates_day_first")) | lower }}',
        'Whether 03/04/2025 is 3 April where nothing in its file tells.'
    ),
    (
        'exports_id',
        '{{ exports_id() if execute else "" }}',
        'Tells the exports that the file was made of from others; empty for simulated ones.'
    ),
    (
        'fiscal_year_start_month',
        '{{ sql_text(var("fiscal_year_start_month")) }}',
        'Month in which the fiscal year starts: 1 is January, 4 April.'
    ),
    (
        'max_revenue_drop',
        '{{ sql_text(var("max_revenue_drop")) }}',
        'Share by which revenue may fall against the published file; nothing is published where it falls by more.'
    ),
    (
        'min_accepted_share',
        '{{ sql_text(var("min_accepted_share")) }}',
        'Share of a table''s rows that has to be accepted; nothing is published where less is.'
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
    ),
    (
        'time_zone',
        '{{ sql_text(var("time_zone")) }}',
        'Zone of the days. Times with a zone of their own are converted.'
    )

)

select * from settings
