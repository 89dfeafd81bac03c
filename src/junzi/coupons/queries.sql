-- name: insert_campaign(id, title, trigger, state, offers, budget_minor, valid_days, budget_pieces, terms, funder, starts_at, ends_at, drafted_by, follow_up, at, try_at)$
-- A campaign; a repeat changes nothing and returns nothing.
insert into coupons.campaigns (id, title, trigger, state, offers, budget_minor, valid_days, budget_pieces, terms, funder,
    starts_at, ends_at, drafted_by, follow_up, created_at, try_at)
values (:id, :title, :trigger, :state, :offers, :budget_minor, :valid_days, :budget_pieces, :terms, :funder,
    :starts_at, :ends_at, :drafted_by, :follow_up, :at, :try_at) on conflict do nothing returning id;

-- name: set_campaign_state(id, state, try_at)!
-- A campaign's next state, and when the machine has something to do with it.
update coupons.campaigns set state = :state, try_at = :try_at where id = :id;

-- name: set_campaign_end(id, ends_at)!
-- A later end.
update coupons.campaigns set ends_at = :ends_at where id = :id;

-- name: raise_campaign(id, amount_minor, pieces)!
-- What was put into its budget counts.
update coupons.campaigns set budget_minor = budget_minor + :amount_minor, budget_pieces = budget_pieces + :pieces
where id = :id;

-- name: set_draft_budget(id, budget_minor, budget_pieces)!
-- What will be put into a draft's budget.
update coupons.campaigns set budget_minor = :budget_minor, budget_pieces = :budget_pieces where id = :id;

-- name: set_drafter(id, drafted_by)!
-- Whoever changed a draft answers for it.
update coupons.campaigns set drafted_by = :drafted_by where id = :id;

-- name: ask_raise(campaign_id, budget_minor, budget_pieces, asked_by, at)!
-- One administrator asks for a new whole, in place of what was asked before.
insert into coupons.raises (campaign_id, budget_minor, budget_pieces, asked_by, asked_at)
values (:campaign_id, :budget_minor, :budget_pieces, :asked_by, :at)
on conflict (campaign_id) do update set budget_minor = excluded.budget_minor, budget_pieces = excluded.budget_pieces,
    asked_by = excluded.asked_by, asked_at = excluded.asked_at;

-- name: raise_asked(campaign_id)^
-- What was asked for and waits for a second administrator; not what the budget has outgrown.
select r.budget_minor, r.budget_pieces, r.asked_by, r.asked_at
from coupons.raises r join coupons.campaigns c on c.id = r.campaign_id
where r.campaign_id = :campaign_id and r.budget_minor >= c.budget_minor and r.budget_pieces >= c.budget_pieces
    and (r.budget_minor, r.budget_pieces) <> (c.budget_minor, c.budget_pieces);

-- name: void_raise(campaign_id)!
-- It is decided, or asked no more.
delete from coupons.raises where campaign_id = :campaign_id;

-- name: campaign(id)^
-- One campaign.
select id, title, trigger, state, offers, budget_minor, valid_days, budget_pieces, terms, funder, starts_at, ends_at, drafted_by, follow_up
from coupons.campaigns where id = :id;

-- name: campaign_locked(id)^
-- One campaign, held until the transaction ends.
select id, title, trigger, state, offers, budget_minor, valid_days, budget_pieces, terms, funder, starts_at, ends_at, drafted_by, follow_up
from coupons.campaigns where id = :id for update;

-- name: running(trigger)
-- Campaigns that answer to an occasion now.
select id, title, trigger, state, offers, budget_minor, valid_days, budget_pieces, terms, funder, starts_at, ends_at, drafted_by, follow_up
from coupons.campaigns where state = 'running' and trigger = :trigger order by id;

-- name: campaigns(most)
-- All campaigns, the newest first.
select id, title, trigger, state, offers, budget_minor, valid_days, budget_pieces, terms, funder, starts_at, ends_at, drafted_by, follow_up
from coupons.campaigns order by id desc limit :most;

-- name: campaigns_to_try(at, most)
-- Campaigns with which the machine has something to do: interrupted ones, those past their end, rests of those that ended.
select id from (
    select id, try_at as due from coupons.campaigns where try_at <= :at
    union select id, ends_at from coupons.campaigns where state in ('running', 'paused') and ends_at <= :at
) due order by due limit :most;

-- name: postpone_campaign(id, try_at)!
-- Try again later.
update coupons.campaigns set try_at = :try_at where id = :id;

-- name: insert_share(id, campaign_id, shop_id, amount_minor, shop_minor, pieces, raises, at)!
-- Ask a shop for its part of a sum.
insert into coupons.shares (id, campaign_id, shop_id, amount_minor, shop_minor, pieces, raises, state, asked_at)
values (:id, :campaign_id, :shop_id, :amount_minor, :shop_minor, :pieces, :raises, 'asked', :at);

-- name: void_shares(campaign_id)!
-- What a shop was asked and has not paid is asked no more.
update coupons.shares set state = 'void' where campaign_id = :campaign_id and state in ('asked', 'agreed', 'declined');

-- name: share(id)^
-- One share.
select id, campaign_id, shop_id, amount_minor, shop_minor, pieces, raises, state, asked_at from coupons.shares where id = :id;

-- name: open_share(campaign_id)^
-- What the shop of a campaign is asked now and has not paid.
select id, campaign_id, shop_id, amount_minor, shop_minor, pieces, raises, state, asked_at from coupons.shares
where campaign_id = :campaign_id and state in ('asked', 'agreed', 'declined') order by id desc limit 1;

-- name: shares_of_campaign(campaign_id, most)
-- What the shop of a campaign was asked, the newest first.
select id, campaign_id, shop_id, amount_minor, shop_minor, pieces, raises, state, asked_at from coupons.shares
where campaign_id = :campaign_id order by id desc limit :most;

-- name: shares_of_shop(shop_id, most)
-- What a shop was asked and what it is asked now, the newest first, with what came back to it from that campaign.
select s.id, s.campaign_id, c.title, c.state as campaign_state, c.trigger, c.offers, c.terms, c.valid_days, c.starts_at, c.ends_at,
    s.amount_minor, s.shop_minor, s.raises, s.state, s.asked_at,
    coalesce((select sum(r.shop_minor) from coupons.rests r where r.campaign_id = s.campaign_id and r.state = 'done'), 0)::bigint
        as returned_minor
from coupons.shares s join coupons.campaigns c on c.id = s.campaign_id
where s.shop_id = :shop_id and s.state <> 'void' order by s.id desc limit :most;

-- name: set_share(id, state, decided_by, at)!
-- What became of what a shop was asked; without a person who decided it, whoever did before stays named.
update coupons.shares set state = :state, decided_by = coalesce(:decided_by, decided_by),
    decided_at = case when :decided_by::uuid is null then decided_at else :at end
where id = :id;

-- name: insert_funding(id, campaign_id, amount_minor, pieces, raises, share_id, shop_id, shop_minor, at)!
-- An intent to put something into a campaign's budget; a repeat changes nothing.
insert into coupons.fundings (id, campaign_id, amount_minor, pieces, raises, share_id, shop_id, shop_minor, state, created_at)
values (:id, :campaign_id, :amount_minor, :pieces, :raises, :share_id, :shop_id, :shop_minor, 'processing', :at)
on conflict do nothing;

-- name: fundings_processing(campaign_id)
-- What is on the way into a campaign's budget.
select id, campaign_id, amount_minor, pieces, raises, share_id, shop_id, shop_minor from coupons.fundings
where campaign_id = :campaign_id and state = 'processing' order by id;

-- name: set_funding(id, state)$
-- It arrived or was refused; nothing is returned when that was known.
update coupons.fundings set state = :state where id = :id and state = 'processing' returning true;

-- name: funding_state(id)$
-- What became of it.
select state from coupons.fundings where id = :id;

-- name: funded(campaign_id)^
-- What was put into a campaign and what went back, in all and by the shop.
select coalesce(sum(amount_minor), 0)::bigint as amount_minor, coalesce(sum(shop_minor), 0)::bigint as shop_minor,
    (select coalesce(sum(amount_minor), 0) from coupons.rests where campaign_id = :campaign_id and state = 'done')::bigint
        as returned_minor,
    (select coalesce(sum(shop_minor), 0) from coupons.rests where campaign_id = :campaign_id and state = 'done')::bigint
        as shop_returned_minor
from coupons.fundings where campaign_id = :campaign_id and state = 'done';

-- name: insert_rest(id, campaign_id, amount_minor, shop_id, shop_minor, pieces, at)!
-- An intent to give back what is left in a campaign's budget.
insert into coupons.rests (id, campaign_id, amount_minor, shop_id, shop_minor, pieces, state, created_at)
values (:id, :campaign_id, :amount_minor, :shop_id, :shop_minor, :pieces, 'processing', :at);

-- name: rest_processing(campaign_id)^
-- What is on the way out of a campaign's budget.
select id, campaign_id, amount_minor, shop_id, shop_minor, pieces from coupons.rests
where campaign_id = :campaign_id and state = 'processing';

-- name: set_rest(id, state)$
-- It went back or was refused; nothing is returned when that was known.
update coupons.rests set state = :state where id = :id and state = 'processing' returning true;

-- name: gate(campaign_id)^
-- What a room above says about a campaign, held while it starts.
select open, reason, open_until from coupons.gates where campaign_id = :campaign_id for share;

-- name: set_gate(campaign_id, open, reason, open_until)!
-- Let a campaign run or not.
insert into coupons.gates (campaign_id, open, reason, open_until) values (:campaign_id, :open, :reason, :open_until)
on conflict (campaign_id) do update set open = excluded.open, reason = excluded.reason, open_until = excluded.open_until;

-- name: has_promises(campaign_id)$
-- Whether money of a campaign may come back any moment: coupons in people's hands, grants under way.
select exists (select from coupons.coupons where campaign_id = :campaign_id and state in ('available', 'reserved', 'expiring', 'withdrawing'))
    or exists (select from coupons.grants where campaign_id = :campaign_id and state = 'processing');

-- name: has_refundable(campaign_id, since)$
-- Whether something bought with a campaign's coupons since then may be refunded.
select exists (select from coupons.coupons where campaign_id = :campaign_id and state = 'redeemed' and used_at > :since);

-- name: report(id)^
-- What became of a campaign's coupons, in pieces and money, and the sales with them.
select count(*) as given, (select count(*) from coupons.grants where campaign_id = :id and state = 'given') as claimed,
    count(*) filter (where state = 'redeemed') as redeemed,
    count(*) filter (where state in ('expiring', 'expired')) as expired,
    count(*) filter (where state in ('withdrawing', 'withdrawn')) as withdrawn,
    count(*) filter (where state in ('available', 'reserved')) as outstanding,
    coalesce(sum(amount_minor), 0)::bigint as given_minor,
    coalesce(sum(saved_minor) filter (where state = 'redeemed'), 0)::bigint as redeemed_minor,
    coalesce(sum(amount_minor - saved_minor) filter (where state = 'redeemed'), 0)::bigint as unused_minor,
    coalesce(sum(amount_minor) filter (where state in ('expiring', 'expired')), 0)::bigint as expired_minor,
    coalesce(sum(amount_minor) filter (where state in ('withdrawing', 'withdrawn')), 0)::bigint as withdrawn_minor,
    coalesce(sum(amount_minor) filter (where state in ('available', 'reserved')), 0)::bigint as outstanding_minor,
    coalesce(sum(used_minor) filter (where state = 'redeemed'), 0)::bigint as sales_minor
from coupons.coupons where campaign_id = :id;

-- name: redeemed_of(campaign_ids)
-- What these campaigns' coupons have paid.
select campaign_id, sum(saved_minor)::bigint as redeemed_minor from coupons.coupons
where campaign_id = any(:campaign_ids::uuid[]) and state = 'redeemed' group by campaign_id;

-- name: report_by_shop(id, most)
-- Where a campaign's coupons were redeemed.
select used_shop_id as shop_id, count(*) as redeemed, sum(saved_minor)::bigint as redeemed_minor, sum(used_minor)::bigint as sales_minor
from coupons.coupons where campaign_id = :id and state = 'redeemed' group by used_shop_id order by 4 desc, 1 limit :most;

-- name: report_by_hour(id, zone)
-- At which hours of the day they were redeemed.
select extract(hour from used_at at time zone :zone)::integer as hour, count(*) as redeemed, sum(used_minor)::bigint as sales_minor
from coupons.coupons where campaign_id = :id and state = 'redeemed' group by 1 order by 1;

-- name: campaigns_by_id(ids)
-- Several campaigns.
select id, title, trigger, state, offers, budget_minor, valid_days, budget_pieces, terms, funder, starts_at, ends_at, drafted_by, follow_up
from coupons.campaigns where id = any(:ids::uuid[]);

-- name: note_payments(person_ids, payment_ids)!
-- People paid a shop, each once here; of all their payments the first is kept. In one order for everybody.
insert into coupons.payers (person_id, first_payment_id)
select person_id, payment_id from unnest(:person_ids::uuid[], :payment_ids::uuid[]) as p (person_id, payment_id) order by person_id
on conflict (person_id) do update set first_payment_id = least(payers.first_payment_id, excluded.first_payment_id);

-- name: new_payers(id)$
-- How many people paid a shop for the first time with a coupon of a campaign.
select count(distinct c.person_id) from coupons.coupons c
join coupons.payers p on p.person_id = c.person_id and p.first_payment_id = c.payment_id
where c.campaign_id = :id and c.state = 'redeemed';

-- name: times_of(campaign_ids, natural_person_ids)
-- How often each of these natural persons was given, or is being given, that campaign's coupons, and the last number of it.
select w.campaign_id, w.natural_person_id, t.given, t.last
from unnest(:campaign_ids::uuid[], :natural_person_ids::uuid[]) w (campaign_id, natural_person_id)
cross join lateral (
    select count(*) as given, coalesce(max(number), 0) as last from coupons.grants g
    where g.campaign_id = w.campaign_id and g.natural_person_id = w.natural_person_id and g.number is not null
) t;

-- name: insert_grants(ids, campaign_ids, natural_person_ids, person_ids, occasions, numbers, amounts, at, try_at)
-- Intents to give, once an occasion, in one order for everybody; says which are new.
insert into coupons.grants (id, campaign_id, natural_person_id, person_id, occasion, number, amounts, state, created_at, try_at)
select g.id, g.campaign_id, g.natural_person_id, g.person_id, g.occasion, g.number, g.amounts::bigint[], 'processing', :at, :try_at
from unnest(:ids::uuid[], :campaign_ids::uuid[], :natural_person_ids::uuid[], :person_ids::uuid[], :occasions::uuid[],
    :numbers::integer[], :amounts::text[]) g (id, campaign_id, natural_person_id, person_id, occasion, number, amounts)
order by g.campaign_id, g.natural_person_id, g.number on conflict do nothing returning id;

-- name: grants_of(campaign_ids, occasions)
-- The grants there are of occasions; some of the answers may be of one campaign and another's occasion.
select id, campaign_id, natural_person_id, person_id, occasion, number, amounts, state, created_at from coupons.grants
where campaign_id = any(:campaign_ids::uuid[]) and occasion = any(:occasions::uuid[]);

-- name: grants(ids)
-- Several grants.
select id, campaign_id, natural_person_id, person_id, occasion, number, amounts, state, created_at from coupons.grants
where id = any(:ids::uuid[]) order by id;

-- name: settle_grants(ids, state)
-- The outcome of those that are under way; what was refused counts for nothing.
update coupons.grants set state = :state, number = case when :state = 'refused' then null else number end
where id = any(:ids::uuid[]) and state = 'processing' returning id;

-- name: grants_to_try(at, most)
-- Grants that were interrupted.
select id from coupons.grants where state = 'processing' and try_at <= :at order by try_at limit :most;

-- name: postpone_grant(id, try_at)!
-- Try again later.
update coupons.grants set try_at = :try_at where id = :id;

-- name: insert_coupons(ids, campaign_ids, person_ids, titles, amounts_minor, thresholds_minor, percents, packets, limits, given_at, expires_at)!
-- Coupons in people's hands.
insert into coupons.coupons
    (id, campaign_id, person_id, title, amount_minor, threshold_minor, percent, packet, limits, state, given_at, expires_at)
select c.id, c.campaign_id, c.person_id, c.title, c.amount_minor, c.threshold_minor, c.percent, c.packet, c.limits, 'available',
    c.given_at, c.expires_at
from unnest(:ids::uuid[], :campaign_ids::uuid[], :person_ids::uuid[], :titles::jsonb[], :amounts_minor::bigint[],
    :thresholds_minor::bigint[], :percents::integer[], :packets::boolean[], :limits::jsonb[], :given_at::timestamptz[],
    :expires_at::timestamptz[])
    c (id, campaign_id, person_id, title, amount_minor, threshold_minor, percent, packet, limits, given_at, expires_at);

-- name: coupon(id)^
-- One coupon.
select id, campaign_id, person_id, title, amount_minor, threshold_minor, state, given_at, expires_at, payment_id, percent, packet,
    limits, opened_at from coupons.coupons where id = :id;

-- name: coupon_locked(id)^
-- One coupon, held until the transaction ends.
select id, campaign_id, person_id, title, amount_minor, threshold_minor, state, given_at, expires_at, payment_id, percent, packet,
    limits, opened_at from coupons.coupons where id = :id for update;

-- name: coupons_locked(ids)
-- Several coupons, held until the transaction ends; in one order for everybody, so that two payments do not wait for each other.
select id, campaign_id, person_id, title, amount_minor, threshold_minor, state, given_at, expires_at, payment_id, percent, packet,
    limits, opened_at from coupons.coupons where id = any(:ids::uuid[]) order by id for update;

-- name: coupons(ids)
-- Several coupons by id.
select id, campaign_id, person_id, title, amount_minor, threshold_minor, state, given_at, expires_at, payment_id, percent, packet,
    limits, opened_at from coupons.coupons where id = any(:ids::uuid[]) order by id;

-- name: coupons_of(person_id, states, most)
-- A person's coupons in these states, those that end first in front.
select id, campaign_id, person_id, title, amount_minor, threshold_minor, state, given_at, expires_at, payment_id, percent, packet,
    limits, opened_at
from coupons.coupons where person_id = :person_id and state = any(:states::text[]) order by expires_at, id limit :most;

-- name: coupons_that_count(person_ids, most)
-- Of each of these people the coupons that count or are held by a payment, those that end first in front.
select c.id, c.campaign_id, c.person_id, c.title, c.amount_minor, c.threshold_minor, c.state, c.given_at, c.expires_at, c.payment_id,
    c.percent, c.packet, c.limits, c.opened_at
from unnest(:person_ids::uuid[]) p (id) cross join lateral (
    select * from coupons.coupons where person_id = p.id and state in ('available', 'reserved') order by expires_at, id limit :most) c;

-- name: set_expiring(id, try_at)!
-- Past its time, it counts no more; when to go on with it, if that is interrupted.
update coupons.coupons set state = 'expiring', try_at = :try_at where id = :id;

-- name: set_expired(id)!
-- Its money is back in the budget.
update coupons.coupons set state = 'expired' where id = :id;

-- name: reserve_coupons(ids, saved, payment_ids, shop_ids, amounts_minor, at)!
-- Hold coupons for purchases, each for what is taken off for it.
update coupons.coupons c set state = 'reserved', payment_id = u.payment_id, used_shop_id = u.shop_id, used_at = :at,
    used_minor = u.amount_minor, saved_minor = u.saved_minor
from unnest(:ids::uuid[], :saved::bigint[], :payment_ids::uuid[], :shop_ids::uuid[], :amounts_minor::bigint[])
    as u (id, saved_minor, payment_id, shop_id, amount_minor) where c.id = u.id;

-- name: redeem_coupons(payment_ids, ids)!
-- Coupons that these payments hold are spent, held in the one order of everybody; using a red packet opens it.
update coupons.coupons c set state = 'redeemed', opened_at = case when packet then coalesce(opened_at, used_at) else opened_at end
from unnest(:payment_ids::uuid[], :ids::uuid[]) as u (payment_id, id),
    (select id from coupons.coupons where id = any(:ids::uuid[]) order by id for update) as held
where c.id = u.id and c.id = held.id and c.payment_id = u.payment_id and c.state = 'reserved';

-- name: settle_coupons(ids, payment_id, before, after)!
-- The next state of coupons that this payment has; what counts again was used for nothing.
update coupons.coupons set state = :after,
    payment_id = case when :after = 'available' then null else payment_id end,
    used_shop_id = case when :after = 'available' then null else used_shop_id end,
    used_at = case when :after = 'available' then null else used_at end,
    used_minor = case when :after = 'available' then null else used_minor end,
    saved_minor = case when :after = 'available' then null else saved_minor end
where id = any(:ids::uuid[]) and payment_id = :payment_id and state = :before;

-- name: open_packet(id, at)!
-- A red packet is opened; a repeat changes nothing.
update coupons.coupons set opened_at = :at where id = :id and opened_at is null;

-- name: to_expire(at, most)
-- Coupons past their time whose money is still set aside; one that failed keeps no other waiting.
select id from coupons.coupons where state in ('available', 'expiring') and coalesce(try_at, expires_at) <= :at
order by coalesce(try_at, expires_at) limit :most;

-- name: insert_withdrawal(id, campaign_id, person_id, reason, by_id, at, try_at)!
-- An intent to take coupons back.
insert into coupons.withdrawals (id, campaign_id, person_id, reason, by_id, pieces, amount_minor, state, created_at, try_at)
values (:id, :campaign_id, :person_id, :reason, :by_id, 0, 0, 'processing', :at, :try_at);

-- name: mark_withdrawing(id, campaign_id, person_id, at)^
-- Coupons that nothing holds count no more from here on, a campaign's or one person's of it; how many and what they were worth.
with held as (
    select id from coupons.coupons
    where campaign_id = :campaign_id and state = 'available' and expires_at > :at
        and (:person_id::uuid is null or person_id = :person_id)
    order by id for update
), marked as (
    update coupons.coupons set state = 'withdrawing', withdrawal_id = :id where id in (select id from held)
    returning amount_minor
), counted as (
    select count(*) as pieces, coalesce(sum(amount_minor), 0)::bigint as amount_minor from marked
)
update coupons.withdrawals w set pieces = c.pieces, amount_minor = c.amount_minor from counted c where w.id = :id
returning w.pieces, w.amount_minor;

-- name: withdrawal(id)^
-- One withdrawal.
select id, campaign_id, person_id, reason, pieces, amount_minor, state, created_at from coupons.withdrawals where id = :id;

-- name: withdrawals(campaign_id, most)
-- What was taken back of a campaign, the newest first.
select id, campaign_id, person_id, reason, pieces, amount_minor, state, created_at from coupons.withdrawals
where campaign_id = :campaign_id order by id desc limit :most;

-- name: people_withdrawn_from(id, most)
-- Whose coupons are on the way back.
select distinct person_id from coupons.coupons where withdrawal_id = :id and state = 'withdrawing' limit :most;

-- name: withdrawing(id, person_id, most)
-- One person's coupons that are on the way back.
select id, campaign_id, person_id, title, amount_minor, threshold_minor, state, given_at, expires_at, payment_id, percent, packet,
    limits, opened_at from coupons.coupons
where withdrawal_id = :id and person_id = :person_id and state = 'withdrawing' order by id limit :most;

-- name: set_withdrawn(ids)$
-- Their money is back in the budget; how many were not known to be.
with done as (update coupons.coupons set state = 'withdrawn' where id = any(:ids::uuid[]) and state = 'withdrawing' returning id)
select count(*) from done;

-- name: set_withdrawal_done(id)!
-- All of it is taken back.
update coupons.withdrawals set state = 'done' where id = :id;

-- name: withdrawals_to_try(at, most)
-- Withdrawals that were interrupted.
select id from coupons.withdrawals where state = 'processing' and try_at <= :at order by try_at limit :most;

-- name: postpone_withdrawal(id, try_at)!
-- Try again later.
update coupons.withdrawals set try_at = :try_at where id = :id;
