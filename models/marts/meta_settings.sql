{%- set settings = {
    "attribution_window_days": "An order is credited to the influencer's latest post within this many days before it.",
    "break_even":
        "Incremental ROAS from which spend is profitable: margin is 1 / contribution margin, revenue is 1, before cost of goods.",
    "ci_level": "Level of the two-sided intervals, between 0 and 1. A geo test may have a level of its own.",
    "currency": "Currency of all money, as ISO 4217 code. Amounts are those of the exports; nothing is converted.",
    "dates_day_first": "Whether 03/04/2025 is 3 April where nothing in its file tells.",
    "fiscal_year_start_month": "Month in which the fiscal year starts: 1 is January, 4 April.",
    "gbr_weight_power": "Geo-based regression weighs regions by 1 / pretest revenue to this power.",
    "max_other_period_share":
        "No verdict on dates where more than this share of revenue belongs to spend before, or of spend to revenue after.",
    "max_revenue_drop":
        "Share by which revenue may fall against the published file; nothing is published where it falls by more.",
    "max_trim_rate": "Largest share of pairs that trimmed match may leave out at each end, where it looks for the share itself.",
    "min_accepted_share": "Share of a table's rows that has to be accepted; nothing is published where less is.",
    "min_cost_known_share":
        "Share of revenue whose unit cost has to be known for a break-even by margin; else it is by revenue.",
    "none_member": "Member that stands for no campaign, brand, region or product.",
    "payout_tolerance":
        "Money by which a payout line may differ from rate × units before it counts as an over- or under-payment.",
    "pretest_days": "Days before a campaign that the forecast is learned from, as many as no other campaign disturbs.",
    "pretest_reach_days": "How many days before a campaign these days are looked for.",
    "repeated_payout_days": "The same amount paid once more to the same influencer within this many days is to be checked.",
    "return_window_days": "Days after an order in which it can still come back. Revenue of younger days may yet fall.",
    "sc_demeaned": "Whether synthetic control takes each region's own pretest mean off first.",
    "stale_after_days": "After this many days without new data the viewer says that the data are stale.",
    "time_zone": "Zone of the days. Times with a zone of their own are converted.",
    "trim_rate": "Share of pairs that trimmed match leaves out at each end; none lets it find the share.",
} -%}

with

settings (setting, value, description) as (

    values
    {%- for setting, description in settings.items() %}
    {%- set value = var(setting) %}
    (
        '{{ setting }}',
        '{{ sql_text((value | string).lower() if value is boolean or value is none else value) }}',
        '{{ sql_text(description) }}'
    ),
    {%- endfor %}
    (
        'built_at',
        strftime(now() at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ'),
        'When the build began to write this table, in UTC.'
    ),
    (
        'exports_id',
        '{{ exports_id() if execute else "" }}',
        'Tells the exports that the file was made of from others; empty for simulated ones.'
    ),
    (
        'helios_version',
        '{{ helios_version() if execute else "" }}',
        'Version of Helios that made the file.'
    )

)

select * from settings
