-- The panel of orders from raw Parquet files, written by hand: what an engineer would write for files of one known shape. It
-- makes panel_orders and fct_revenue_days as Helios does, counts every order row by what became of it, and counts the orders
-- of every credited post. bench/by_hand.py says where the files are, by variables of the tables' names.
--
-- The order rows are read twice: once for ids that several rows have, once for everything else. That second pass ends in one
-- sum by day, region, channel, influencer, own campaign and brand: running campaigns and posts depend on these alone, and are
-- looked up for the sums. Names are looked up by the cells as they are written, each different cell being understood once.
--
-- What it leaves out, and Helios does: finding files, headers and formats (dates are typed or ISO, numbers have a point,
-- columns have the names of the contract); words for nothing other than an empty cell; the columns line_id, currency, medium
-- and refunded_amount, and with these money given back in part or by rows below zero; influencers known by keys of other
-- systems, and codes that are someone's for some days only; campaigns that no table of campaigns has; one spelling for names
-- that no table has; orders without an id that two files have; words of payouts; whether a customer is new in words other than
-- true and false; hints at accepted rows of which a cell could not be used. Rows that are not accepted are counted by reason,
-- not listed.

-- How names are compared.
create macro key_of(name) as translate(lower(name), ' _-./&+''’‘`"', '');

-- How accounts are compared.
create macro account_of(name) as regexp_replace(regexp_replace(lower(name), '^.*/', ''), '^[@ ]+', '');

create macro filled(cell) as nullif(trim(cell::varchar), '');

-- Most ids need no trimming, which is cheap to see.
create macro id_of(cell) as
case when starts_with(cell, ' ') or ends_with(cell, ' ') or cell = '' then nullif(trim(cell), '') else cell end;

create macro is_likely(day) as day between date '2000-01-01' and date '2099-12-31';

-- 1. What names mean, by every cell that stands in the rows of orders.

create temp view raw_orders as
select * from read_parquet(getvariable('tracking_data'), filename = true, file_row_number = true, union_by_name = true);

create temp table influencers as
select
    min(influencer_id) as influencer_id,
    lower(influencer_id) as id_key,
    min(account_of(handle)) as account,
    string_agg(coupon_codes, ' ') as coupon_codes
from read_parquet(getvariable('influencers'), union_by_name = true)
where filled(influencer_id) is not null
group by id_key;

create temp table accounts as
select
    account,
    min(influencer_id) as influencer_id
from influencers
group by account
having count(*) = 1;

create temp table influencer_names as
with

cells as (

    select influencer_id as written from raw_orders

    union

    select influencer_id as written from read_parquet(getvariable('posts'), union_by_name = true)

    union

    select influencer_id as written from read_parquet(getvariable('payouts'), union_by_name = true)

)

select
    cells.written,
    coalesce(by_id.influencer_id, by_account.influencer_id) as influencer_id
from cells
left join influencers as by_id
    on lower(trim(cells.written)) = by_id.id_key
left join accounts as by_account
    on account_of(trim(cells.written)) = by_account.account
where filled(cells.written) is not null;

create macro codes_of(cell) as unnest(string_split_regex(upper(cell), '[ ,;|/:#]+'));

-- A cell with codes of two influencers is credited to neither.
create temp table coupon_owners as
with

owned as (

    select distinct
        codes_of(coupon_codes) as code,
        influencer_id
    from influencers

),

cells as (select distinct coupon_code from raw_orders),

used as (

    select distinct
        coupon_code,
        codes_of(coupon_code) as code
    from cells

)

select
    used.coupon_code,
    min(owned.influencer_id) as influencer_id
from used
inner join owned
    on used.code = owned.code
where used.code <> ''
group by used.coupon_code
having count(distinct owned.influencer_id) = 1;

create temp table campaigns as
with

typed as (

    select
        trim(campaign_id) as campaign_id,
        filled(name) as campaign_name,
        filled(brand) as brand_cell,
        try_cast(start_date as date) as start_date,
        try_cast(end_date as date) as end_date,
        try_cast(cooldown_days as integer) as cooldown_days,
        cooldown_days is null as is_without_cooldown
    from read_parquet(getvariable('campaigns'), union_by_name = true)
    where filled(campaign_id) is not null

)

select
    campaign_id,
    campaign_name,
    brand_cell,
    start_date,
    end_date,
    coalesce(cooldown_days, 0) as cooldown_days
from typed
where
    is_likely(start_date)
    and is_likely(end_date)
    and end_date >= start_date
    and (is_without_cooldown or cooldown_days between 0 and 366)
qualify row_number() over (partition by lower(campaign_id)) = 1;

create temp table campaign_names as
with

cells as (

    select campaign as written from raw_orders

    union

    select campaign as written from read_parquet(getvariable('posts'), union_by_name = true)

    union

    select campaign as written from read_parquet(getvariable('payouts'), union_by_name = true)

),

named as (

    select
        key_of(campaign_name) as name_key,
        min(campaign_id) as campaign_id
    from campaigns
    group by name_key
    having count(*) = 1

)

select
    cells.written,
    coalesce(by_id.campaign_id, by_name.campaign_id, trim(cells.written)) as campaign_id
from cells
left join campaigns as by_id
    on key_of(cells.written) = key_of(by_id.campaign_id)
left join named as by_name
    on key_of(cells.written) = by_name.name_key
where filled(cells.written) is not null;

create temp table products as
select distinct
    filled(product) as product,
    filled(brand) as brand_cell,
    try_cast(list_price as decimal(18, 2)) as list_price,
    try_cast(unit_cost as decimal(18, 2)) as unit_cost
from read_parquet(getvariable('products'), union_by_name = true)
where filled(product) is not null and filled(brand) is not null;

create temp table known_brands as
with

mentions as (

    select
        brand_cell as written,
        1 as precedence
    from campaigns

    union all

    select
        brand_cell as written,
        2 as precedence
    from products

)

select
    key_of(written) as brand_key,
    arg_min(written, precedence) as brand
from mentions
where written is not null
group by brand_key;

create temp table brand_names as
with

cells as (

    select brand as written from raw_orders

    union

    select brand as written from read_parquet(getvariable('posts'), union_by_name = true)

    union

    select brand_cell as written from campaigns

    union

    select brand_cell as written from products

)

select
    cells.written,
    coalesce(known_brands.brand, trim(cells.written)) as brand
from cells
left join known_brands
    on key_of(cells.written) = known_brands.brand_key
where filled(cells.written) is not null;

-- A product that one brand sells needs no brand; one that several sell has a cost for each.
create temp table costs as
select
    products.product,
    brand_names.brand,
    products.list_price,
    products.unit_cost,
    count(*) over (partition by products.product) as brands
from products
inner join brand_names
    on products.brand_cell = brand_names.written;

create temp table product_names as
with

spelled as (

    select
        key_of(product) as product_key,
        min(product) as product
    from products
    group by product_key

)

select
    cells.written,
    coalesce(spelled.product, trim(cells.written)) as product,
    costs.brand as only_brand,
    costs.list_price,
    costs.unit_cost
from (select distinct product as written from raw_orders) as cells
left join spelled
    on key_of(cells.written) = spelled.product_key
left join costs
    on spelled.product = costs.product
    and costs.brands = 1
where filled(cells.written) is not null;

create temp table region_names as
with

regions as (

    select
        key_of(region) as region_key,
        min(trim(region)) as region
    from read_parquet(getvariable('regions'), union_by_name = true)
    group by region_key

),

synonyms as (

    select distinct
        key_of(spelling) as region_key,
        key_of(value) as alias_of
    from read_csv(getvariable('value_synonyms'), header = true, all_varchar = true)
    where field = 'region' and key_of(spelling) <> key_of(value)

)

select
    cells.written,
    coalesce(by_name.region, by_alias.region, trim(cells.written)) as region
from (select distinct region as written from raw_orders) as cells
left join regions as by_name
    on key_of(cells.written) = by_name.region_key
left join synonyms
    on key_of(cells.written) = synonyms.region_key
left join regions as by_alias
    on synonyms.alias_of = by_alias.region_key
where filled(cells.written) is not null;

create temp table channels as
select
    cells.written,
    channel_map.channel
from (select distinct source as written from raw_orders) as cells
inner join read_csv(getvariable('channel_map'), header = true, all_varchar = true) as channel_map
    on key_of(trim(cells.written)) = key_of(channel_map.source)
    and channel_map.medium is null;

create temp table statuses as
select
    cells.written,
    value_synonyms.value as status
from (select distinct status as written from raw_orders) as cells
inner join read_csv(getvariable('value_synonyms'), header = true, all_varchar = true) as value_synonyms
    on key_of(trim(cells.written)) = key_of(value_synonyms.spelling)
    and value_synonyms.field = 'order_status';

-- 2. What becomes of rows of which others have the id.

create temp view order_rows as
with

typed as (

    select
        raw_orders.filename as file,
        raw_orders.file_row_number as record_number,
        id_of(raw_orders.transaction_id) as transaction_id,
        hash(id_of(raw_orders.transaction_id)) as order_key,
        hash(
            raw_orders.transaction_id, raw_orders.source, raw_orders.campaign, raw_orders.influencer_id, raw_orders.user_id,
            raw_orders.product, raw_orders.brand, raw_orders.date, raw_orders.orders, raw_orders.revenue, raw_orders.region,
            raw_orders.coupon_code, raw_orders.discount, raw_orders.status, raw_orders.returned_date,
            raw_orders.is_new_customer
        ) as record_key,
        try_cast(raw_orders.date as date) as order_date,
        raw_orders.date as date_cell,
        try_cast(raw_orders.orders as decimal(18, 6)) as orders,
        raw_orders.orders as orders_cell,
        try_cast(raw_orders.revenue as decimal(18, 2)) as revenue,
        raw_orders.revenue as revenue_cell,
        abs(try_cast(raw_orders.discount as decimal(18, 2))) as discount,
        is_likely(try_cast(raw_orders.returned_date as date)) as is_back,
        try_cast(raw_orders.is_new_customer as boolean) as is_new_customer,
        statuses.status,
        channels.channel,
        region_names.region,
        product_names.product,
        product_names.only_brand,
        product_names.list_price,
        product_names.unit_cost,
        brand_names.brand,
        filled(raw_orders.influencer_id) is not null or filled(raw_orders.coupon_code) is not null as is_named,
        case
            when filled(raw_orders.influencer_id) is null then coupon_owners.influencer_id
            else influencer_names.influencer_id
        end as influencer_id,
        campaign_names.campaign_id
    from raw_orders
    left join statuses
        on raw_orders.status = statuses.written
    left join channels
        on raw_orders.source = channels.written
    left join region_names
        on raw_orders.region = region_names.written
    left join product_names
        on raw_orders.product = product_names.written
    left join brand_names
        on raw_orders.brand = brand_names.written
    left join influencer_names
        on raw_orders.influencer_id = influencer_names.written
    left join coupon_owners
        on raw_orders.coupon_code = coupon_owners.coupon_code
    left join campaign_names
        on raw_orders.campaign = campaign_names.written

)

select
    *
    replace (
        -- A cancelled order may have no amount.
        case when status = 'cancelled' and filled(revenue_cell) is null then 0 else revenue end as revenue,
        coalesce(brand, only_brand, '(none)') as brand,
        coalesce(product, '(none)') as product
    ),
    case
        when order_date is null then case when filled(date_cell) is null then 'date empty' else 'date unreadable' end
        when not is_likely(order_date) then 'date out_of_range'
        when orders is null then case when filled(orders_cell) is null then 'orders empty' else 'orders unreadable' end
        when orders <> floor(orders) then 'orders unreadable'
        when orders < 0 then 'orders negative'
        when revenue < 0 then 'revenue negative'
        when revenue is not null then null
        when filled(revenue_cell) is not null then 'revenue unreadable'
        when status = 'cancelled' then null
        else 'revenue empty'
    end as problem
from typed;

create temp table shared_ids as
select hash(id_of(transaction_id)) as order_key
from raw_orders
where id_of(transaction_id) is not null
group by order_key
having count(*) > 1;

-- In a file, copies of a record count once, and rows of one order and product that differ in money are two lines; any other is
-- rejected. The newest file of an order and product wins over older ones.
create temp table shared_rows as
with

sharing as (

    select
        *,
        list_position(getvariable('tracking_data'), file) as file_number
    from order_rows
    semi join shared_ids
        using (order_key)

),

counted as (

    select
        *,
        max(case when problem is null then file_number end) over of_line as newest_file,
        row_number() over (
            partition by transaction_id, product, file_number, record_key
            order by record_number
        ) as copy_number
    from sharing
    window of_line as (partition by transaction_id, product)

),

-- Whether the newest file has the very same record.
copies_of_newer as (

    select
        *,
        max(case when problem is null and file_number = newest_file then 1 else 0 end) over (
            partition by transaction_id, product, record_key
        ) = 1 as is_in_newest
    from counted

),

standing as (

    select
        *,
        case
            when problem is null and file_number < newest_file and is_in_newest then 'duplicate'
            when problem is null and file_number < newest_file then 'superseded'
            when copy_number > 1 then 'duplicate'
            when problem is not null then 'rejected'
            else 'accepted'
        end as row_status
    from copies_of_newer

),

judged as (

    select
        *
        replace (
            case
                when row_status = 'accepted' and row_number() over (
                    partition by transaction_id, product, row_status, revenue, discount, orders
                    order by record_number
                ) > 1 then 'rejected'
                else row_status
            end as row_status
        )
    from standing

),

numbered as (

    select
        *,
        row_number() over (partition by transaction_id, product, row_status order by record_number) as occurrence
    from judged

),

lines as (

    select
        *,
        case when occurrence = 1 then product else product || ' (' || occurrence || ')' end as line_id
    from numbered

),

-- An order of several lines that count at most one each is one order.
orders_of_lines as (

    select
        transaction_id,
        coalesce(
            min(line_id) filter (orders > 0 and is_named),
            min(line_id) filter (orders > 0),
            min(line_id)
        ) as first_line_id,
        max(orders) as orders
    from lines
    where row_status = 'accepted'
    group by transaction_id
    having count(*) > 1 and max(orders) <= 1

)

select
    lines.*,
    case
        when orders_of_lines.transaction_id is null then lines.orders
        when orders_of_lines.first_line_id = lines.line_id then orders_of_lines.orders
        else 0
    end as counted_orders
from lines
left join orders_of_lines
    on lines.transaction_id = orders_of_lines.transaction_id;

-- 3. Sums of all rows.

create temp table order_days as
with

all_rows as (

    select
        *,
        orders as counted_orders,
        case when problem is null then 'accepted' else 'rejected' end as row_status
    from order_rows
    anti join shared_ids
        using (order_key)

    union all by name

    select * exclude (file_number, newest_file, copy_number, is_in_newest, occurrence, line_id)
    from shared_rows

),

with_money as (

    select
        all_rows.*
        replace (
            all_rows.counted_orders::bigint as counted_orders,
            case when all_rows.influencer_id is null then coalesce(all_rows.channel, 'other') else 'influencer' end as channel,
            coalesce(all_rows.region, '(none)') as region,
            -- A campaign on an order without influencer attributes nothing.
            case when all_rows.influencer_id is not null then all_rows.campaign_id end as campaign_id,
            case when all_rows.row_status = 'rejected' then coalesce(all_rows.problem, 'transaction_id repeats') end as problem
        ),
        coalesce(all_rows.discount, 0) as discounts,
        all_rows.revenue + coalesce(all_rows.discount, 0) as gross_revenue,
        all_rows.is_back is not null and all_rows.is_back
        or coalesce(all_rows.status in ('returned', 'refused', 'cancelled'), false) as is_returned,
        coalesce(all_rows.unit_cost, costs.unit_cost) as cost_of_unit,
        coalesce(all_rows.list_price, costs.list_price) as price_of_unit
    from all_rows
    left join costs
        on all_rows.product = costs.product
        and all_rows.brand = costs.brand
        and costs.brands > 1

),

with_costs as (

    select
        *,
        case when is_returned then revenue else 0 end as refunds,
        -- How many units a line has is not known, but what they would sell for is.
        cost_of_unit * case
            when is_returned then 0
            else greatest(
                counted_orders,
                case when revenue > 0 then 1 else 0 end,
                coalesce(round(gross_revenue::double / nullif(price_of_unit::double, 0))::bigint, 0)
            )
        end as cost_of_goods
    from with_money

)

select
    order_date,
    region,
    channel,
    influencer_id,
    campaign_id,
    brand,
    row_status,
    problem,
    count(*) as rows,
    sum(counted_orders) as orders,
    sum(case when is_new_customer is not null then counted_orders end) as orders_of_known_customers,
    sum(case when is_new_customer then counted_orders when not is_new_customer then 0 end) as new_customer_orders,
    sum(gross_revenue) as gross_revenue,
    sum(discounts) as discounts,
    sum(refunds) as refunds,
    sum(case when cost_of_goods is not null then gross_revenue - discounts - refunds end) as revenue_of_known_cost,
    sum(cost_of_goods) as cost_of_goods
from with_costs
group by all;

-- 4. Campaigns and posts of the few sums that have an influencer.

create temp table posts as
select
    trim(posts.post_id) as post_id,
    influencer_names.influencer_id,
    campaign_names.campaign_id,
    brand_names.brand,
    try_cast(posts.date as date) as post_date
from read_parquet(getvariable('posts'), filename = true, file_row_number = true, union_by_name = true) as posts
inner join influencer_names
    on posts.influencer_id = influencer_names.written
    and influencer_names.influencer_id is not null
left join campaign_names
    on posts.campaign = campaign_names.written
left join brand_names
    on posts.brand = brand_names.written
where is_likely(try_cast(posts.date as date))
qualify row_number() over (partition by trim(posts.post_id) order by posts.filename desc, posts.file_row_number asc) = 1;

create temp table payouts as
select
    influencer_names.influencer_id,
    campaign_names.campaign_id
from read_parquet(getvariable('payouts'), filename = true, file_row_number = true, union_by_name = true) as payouts
inner join influencer_names
    on payouts.influencer_id = influencer_names.written
    and influencer_names.influencer_id is not null
left join campaign_names
    on payouts.campaign = campaign_names.written
where
    filled(payouts.basis) is not null
    and try_cast(payouts.total_payout as decimal(18, 2)) >= 0
    and (filled(payouts.event_date) is null or is_likely(try_cast(payouts.event_date as date)))
    and (filled(payouts.rate) is null or try_cast(payouts.rate as decimal(18, 2)) >= 0)
    and (filled(payouts.product_cost) is null or try_cast(payouts.product_cost as decimal(18, 2)) >= 0)
qualify row_number() over (partition by trim(payouts.payout_id) order by payouts.filename desc, payouts.file_row_number asc) = 1;

create temp table members as
select
    influencer_id,
    campaign_id
from posts
where campaign_id is not null

union

select
    influencer_id,
    campaign_id
from payouts
where campaign_id is not null

union

select
    influencer_id,
    campaign_id
from order_days
where campaign_id is not null and row_status = 'accepted';

create temp table occasions as
select distinct
    influencer_id,
    brand,
    order_date
from order_days
where influencer_id is not null and row_status = 'accepted';

-- Of the influencer's campaigns that run on the day, the one that started last.
create temp table running_campaigns as
select
    occasions.influencer_id,
    occasions.brand,
    occasions.order_date,
    campaigns.campaign_id
from occasions
inner join members
    on occasions.influencer_id = members.influencer_id
inner join campaigns
    on members.campaign_id = campaigns.campaign_id
left join brand_names
    on campaigns.brand_cell = brand_names.written
where
    (brand_names.brand is null or occasions.brand in (brand_names.brand, '(none)'))
    and occasions.order_date between campaigns.start_date and campaigns.end_date + campaigns.cooldown_days
qualify row_number() over (
    partition by occasions.influencer_id, occasions.brand, occasions.order_date
    order by campaigns.start_date desc, campaigns.campaign_id asc
) = 1;

-- The influencer's latest post of the order's brand, or without brand, in the thirty days before it.
create temp table credited_posts as
select
    occasions.influencer_id,
    occasions.brand,
    occasions.order_date,
    posts.post_id
from occasions
inner join posts
    on occasions.influencer_id = posts.influencer_id
    and occasions.brand = coalesce(posts.brand, occasions.brand)
    and occasions.order_date between posts.post_date and posts.post_date + 30
qualify row_number() over (
    partition by occasions.influencer_id, occasions.brand, occasions.order_date
    order by posts.post_date desc, posts.post_id asc
) = 1;

-- 5. What is kept.

create table panel_orders as
select
    order_days.order_date as date_day,
    order_days.region,
    order_days.channel,
    coalesce(order_days.influencer_id, '(none)') as influencer_id,
    coalesce(order_days.campaign_id, running_campaigns.campaign_id, '(none)') as campaign_id,
    order_days.brand,
    sum(order_days.orders)::bigint as orders,
    sum(order_days.orders_of_known_customers)::bigint as orders_of_known_customers,
    sum(order_days.new_customer_orders)::bigint as new_customer_orders,
    sum(order_days.gross_revenue)::decimal(18, 2) as gross_revenue,
    sum(order_days.discounts)::decimal(18, 2) as discounts,
    sum(order_days.refunds)::decimal(18, 2) as refunds,
    sum(order_days.gross_revenue - order_days.discounts - order_days.refunds)::decimal(18, 2) as revenue,
    sum(order_days.revenue_of_known_cost)::decimal(18, 2) as revenue_of_known_cost,
    sum(order_days.cost_of_goods)::decimal(18, 2) as cost_of_goods
from order_days
left join running_campaigns
    on order_days.influencer_id = running_campaigns.influencer_id
    and order_days.brand = running_campaigns.brand
    and order_days.order_date = running_campaigns.order_date
where order_days.row_status = 'accepted'
group by all;

create table fct_revenue_days as
select
    date_day,
    region,
    brand,
    channel,
    sum(orders)::bigint as orders,
    sum(gross_revenue)::decimal(18, 2) as gross_revenue,
    sum(discounts)::decimal(18, 2) as discounts,
    sum(refunds)::decimal(18, 2) as refunds,
    sum(revenue)::decimal(18, 2) as revenue
from panel_orders
group by all;

create table row_counts as
select
    row_status,
    case row_status
        when 'duplicate' then 'copy'
        when 'superseded' then 'superseded'
        else split_part(problem, ' ', 2)
    end as reject_code,
    split_part(problem, ' ', 1) as reject_column,
    sum(rows)::bigint as rows
from order_days
group by all;

create table post_orders as
select
    credited_posts.post_id,
    sum(order_days.orders)::bigint as orders,
    sum(order_days.gross_revenue - order_days.discounts - order_days.refunds)::decimal(18, 2) as revenue
from order_days
inner join credited_posts
    using (influencer_id, brand, order_date)
where order_days.row_status = 'accepted'
group by all;
