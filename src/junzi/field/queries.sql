-- name: rivals(most)
-- Other wallets, by name.
select id, name, code_starts from field.rivals order by name limit :most;

-- name: rival(id)^
-- One of them.
select id, name, code_starts from field.rivals where id = :id;

-- name: hold_rivals()$
-- Nobody else adds one until the transaction ends.
select pg_advisory_xact_lock(hashtextextended('field.rivals', 0));

-- name: insert_rival(id, name, code_starts, at)$
-- One more; nothing is returned when there is one of that name.
insert into field.rivals (id, name, code_starts, created_at) values (:id, :name, :code_starts, :at)
on conflict (name) do nothing returning true;

-- name: change_rival(id, name, code_starts)!
-- The same wallet under another name, or with other codes.
update field.rivals set name = :name, code_starts = :code_starts where id = :id;

-- name: rival_named(name, but)$
-- Whether another one has that name.
select exists (select from field.rivals where name = :name and id <> :but);

-- name: hold_places()$
-- Nobody else adds places until the transaction ends.
select pg_advisory_xact_lock(hashtextextended('field.places', 0));

-- name: count_places()$
-- How many there are.
select count(*) from field.places;

-- name: put_places(ids, numbers, names, trades, addresses, sizes, area_ids, latitudes_e6, longitudes_e6, by_id, at)
-- Places of a list, each under its number: new ones are added, others say what the list says; one that says so already is left alone.
insert into field.places as p (id, number, name, trade, address, size, area_id, latitude_e6, longitude_e6, source, state, added_by, created_at)
select r.id, r.number, r.name, r.trade, r.address, r.size, r.area_id, r.latitude_e6, r.longitude_e6, 'import', 'standing', :by_id, :at
from unnest(:ids::uuid[], :numbers::text[], :names::text[], :trades::text[], :addresses::text[], :sizes::text[], :area_ids::uuid[],
    :latitudes_e6::integer[], :longitudes_e6::integer[])
    as r (id, number, name, trade, address, size, area_id, latitude_e6, longitude_e6)
on conflict (number) do update set name = excluded.name, trade = excluded.trade, address = excluded.address, size = excluded.size,
    area_id = excluded.area_id, latitude_e6 = excluded.latitude_e6, longitude_e6 = excluded.longitude_e6
where (p.name, p.trade, p.address, p.size, p.area_id, p.latitude_e6, p.longitude_e6)
    is distinct from (excluded.name, excluded.trade, excluded.address, excluded.size, excluded.area_id, excluded.latitude_e6, excluded.longitude_e6)
returning id;

-- name: insert_place(id, name, trade, address, size, area_id, latitude_e6, longitude_e6, source, state, added_by, at)!
-- One place.
insert into field.places (id, name, trade, address, size, area_id, latitude_e6, longitude_e6, source, state, added_by, created_at)
values (:id, :name, :trade, :address, :size, :area_id, :latitude_e6, :longitude_e6, :source, :state, :added_by, :at);

-- name: change_place(id, name, trade, address, size, area_id, latitude_e6, longitude_e6, state)!
-- What is known of it now.
update field.places set name = :name, trade = :trade, address = :address, size = :size, area_id = :area_id,
    latitude_e6 = :latitude_e6, longitude_e6 = :longitude_e6, state = :state
where id = :id;

-- name: count_proposals(person_id, since)$
-- How many places somebody named since then.
select count(*) from field.places where added_by = :person_id and source <> 'import' and created_at >= :since;

-- name: place(id)^
-- One place.
select id, number, name, trade, address, size, area_id, latitude_e6, longitude_e6, source, state, added_by, created_at, shop_id
from field.places where id = :id;

-- name: place_locked(id)^
-- The same, held until the transaction ends.
select id, number, name, trade, address, size, area_id, latitude_e6, longitude_e6, source, state, added_by, created_at, shop_id
from field.places where id = :id for update;

-- name: place_of_shop(shop_id)^
-- The place that a shop of ours is.
select id, number, name, trade, address, size, area_id, latitude_e6, longitude_e6, source, state, added_by, created_at, shop_id
from field.places where shop_id = :shop_id;

-- name: places(state, like, area_id, before, most)
-- Places in that state whose name or address holds the text, the newest first.
select id, number, name, trade, address, size, area_id, latitude_e6, longitude_e6, source, state, added_by, created_at, shop_id
from field.places
where state = :state and (name ilike :like or address ilike :like) and (:area_id::uuid is null or area_id = :area_id)
    and (:before::uuid is null or id < :before)
order by id desc limit :most;

-- name: link_place(id, shop_id, at)!
-- The place is that shop of ours, or none any more.
update field.places set shop_id = :shop_id, linked_at = case when :shop_id::uuid is null then null else :at::timestamptz end where id = :id;

-- name: insert_rival_code(id, place_id, rival_id, state, how, note, seen_at, seen_by, at)!
-- What was seen of a rival's code.
insert into field.rival_codes (id, place_id, rival_id, state, how, note, seen_at, seen_by, recorded_at)
values (:id, :place_id, :rival_id, :state, :how, :note, :seen_at, :seen_by, :at);

-- name: latest_codes(place_ids)
-- What was seen last of each rival's code at these places.
select distinct on (place_id, rival_id) id, place_id, rival_id, state, how, note, seen_at, seen_by
from field.rival_codes where place_id = any(:place_ids::uuid[]) order by place_id, rival_id, seen_at desc, id desc;

-- name: codes_seen(place_id, most)
-- What was seen at one place, the latest first.
select id, place_id, rival_id, state, how, note, seen_at, seen_by
from field.rival_codes where place_id = :place_id order by seen_at desc, id desc limit :most;

-- name: insert_promoter(person_id, at, by_id)$
-- Take somebody into the offline team, or in again; nothing is returned for somebody who is in it.
insert into field.promoters as p (person_id, since, made_by) values (:person_id, :at, :by_id)
on conflict (person_id) do update set since = excluded.since, ended_at = null, made_by = excluded.made_by where p.ended_at is not null
returning true;

-- name: end_promoter(person_id, at)$
-- Somebody is in it no more; nothing is returned for somebody who was not.
update field.promoters set ended_at = :at where person_id = :person_id and ended_at is null returning true;

-- name: is_promoter(person_id)$
-- Whether somebody is in it.
select exists (select from field.promoters where person_id = :person_id and ended_at is null);

-- name: promoters(most)
-- Who is in it, the latest last.
select person_id, since from field.promoters where ended_at is null order by since, person_id limit :most;

-- name: assign(place_id, promoter_id, by_id, at)!
-- The place is that promoter's to go to.
insert into field.assignments (place_id, promoter_id, by_id, at) values (:place_id, :promoter_id, :by_id, :at)
on conflict (place_id) do update set promoter_id = excluded.promoter_id, by_id = excluded.by_id, at = excluded.at;

-- name: assign_no_more(place_id)!
-- The place is nobody's in particular.
delete from field.assignments where place_id = :place_id;

-- name: give_territory(area_id, promoter_id, by_id, at)!
-- What is nobody's in particular in that area is that promoter's to go to.
insert into field.territories (area_id, promoter_id, by_id, at) values (:area_id, :promoter_id, :by_id, :at)
on conflict (area_id) do update set promoter_id = excluded.promoter_id, by_id = excluded.by_id, at = excluded.at;

-- name: take_territory(area_id)!
-- The area is nobody's.
delete from field.territories where area_id = :area_id;

-- name: drop_assignments(promoter_id)!
-- Whoever is let go goes nowhere.
delete from field.assignments where promoter_id = :promoter_id;

-- name: drop_territories(promoter_id)!
-- The same of areas.
delete from field.territories where promoter_id = :promoter_id;

-- name: assigned(place_ids)
-- Whose to go to these places are, by their own or by their area's.
select p.id, coalesce(a.promoter_id, t.promoter_id) as promoter_id, a.promoter_id is not null as own
from field.places p left join field.assignments a on a.place_id = p.id left join field.territories t on t.area_id = p.area_id
where p.id = any(:place_ids::uuid[]) and coalesce(a.promoter_id, t.promoter_id) is not null;

-- name: territories()
-- Which area is whose.
select area_id, promoter_id from field.territories order by area_id;

-- name: linked_shops()
-- Shops of ours that places became.
select shop_id from field.places where state = 'standing' and shop_id is not null;

-- name: leads(promoter_id, month, today, seen_since, not_ours, latitude_e6, longitude_e6, narrow, most)
-- Places that stand without a shop of ours and are worth going to today, of that promoter or nobody: where a rival's code was seen
-- threatened or dead since then, then those that most asked for, then the promoter's own, then the nearest.
select l.id, l.number, l.name, l.trade, l.address, l.size, l.area_id, l.latitude_e6, l.longitude_e6, l.source, l.state, l.added_by, l.created_at,
    l.shop_id, l.threatened, l.people, l.own
from (
    select p.*, coalesce(w.shown_people, 0) as people, coalesce(a.promoter_id, t.promoter_id) is not null as own, exists (
        select from (
            select distinct on (c.rival_id) c.state, c.seen_at from field.rival_codes c where c.place_id = p.id
            order by c.rival_id, c.seen_at desc, c.id desc
        ) c where c.state in ('threatened', 'dead') and c.seen_at >= :seen_since
    ) as threatened
    from field.places p left join field.assignments a on a.place_id = p.id left join field.territories t on t.area_id = p.area_id
        left join field.tallies w on w.place_id = p.id and w.month = :month
    where p.state = 'standing' and (p.shop_id is null or p.shop_id = any(:not_ours::uuid[]))
        and coalesce(a.promoter_id, t.promoter_id, :promoter_id) = :promoter_id
        and coalesce((select v.again_on from field.visits v where v.place_id = p.id order by v.made_at desc, v.id desc limit 1), :today) <= :today
) l
order by l.threatened desc, l.people desc, l.own desc,
    (l.latitude_e6 - :latitude_e6::float8) ^ 2 + ((l.longitude_e6 - :longitude_e6::float8) * :narrow::float8) ^ 2 nulls last, l.id
limit :most;

-- name: insert_visit(id, place_id, promoter_id, outcome, back_on, again_on, note, latitude_e6, longitude_e6, accuracy_m, photo_id, pieces, made_at, at)!
-- Who was there.
insert into field.visits (id, place_id, promoter_id, outcome, back_on, again_on, note, latitude_e6, longitude_e6, accuracy_m, photo_id, pieces, made_at, recorded_at)
values (:id, :place_id, :promoter_id, :outcome, :back_on, :again_on, :note, :latitude_e6, :longitude_e6, :accuracy_m, :photo_id, :pieces::text[],
    :made_at, :at);

-- name: visit(id)^
-- One visit.
select id, place_id, promoter_id, outcome, back_on, note, latitude_e6, longitude_e6, accuracy_m, photo_id, pieces, made_at, recorded_at
from field.visits where id = :id;

-- name: visits(place_id, most)
-- Who was at a place, the latest first.
select id, place_id, promoter_id, outcome, back_on, note, latitude_e6, longitude_e6, accuracy_m, photo_id, pieces, made_at, recorded_at
from field.visits where place_id = :place_id order by made_at desc, id desc limit :most;

-- name: last_visits(place_ids)
-- Who was there last, of each place.
select distinct on (place_id) id, place_id, promoter_id, outcome, back_on, note, latitude_e6, longitude_e6, accuracy_m, photo_id, pieces, made_at, recorded_at
from field.visits where place_id = any(:place_ids::uuid[]) order by place_id, made_at desc, id desc;

-- name: insert_sign_up(id, place_id, promoter_id, shop, token, owner_id, at, expires_at)!
-- A promoter asks.
insert into field.sign_ups (id, place_id, promoter_id, shop, token, state, owner_id, asked_at, expires_at)
values (:id, :place_id, :promoter_id, :shop, :token, 'asked', :owner_id, :at, :expires_at);

-- name: sign_up(id)^
-- One of them.
select id, place_id, promoter_id, shop, token, state, owner_id, asked_at, expires_at, shop_id from field.sign_ups where id = :id;

-- name: sign_up_locked(id)^
-- The same, held until the transaction ends.
select id, place_id, promoter_id, shop, token, state, owner_id, asked_at, expires_at, shop_id from field.sign_ups where id = :id for update;

-- name: sign_up_by_token(token)^
-- The one that a phone scanned.
select id, place_id, promoter_id, shop, token, state, owner_id, asked_at, expires_at, shop_id from field.sign_ups where token = :token;

-- name: sign_ups_of(promoter_id, most)
-- A promoter's, the latest first.
select id, place_id, promoter_id, shop, token, state, owner_id, asked_at, expires_at, shop_id from field.sign_ups
where promoter_id = :promoter_id order by asked_at desc, id desc limit :most;

-- name: sign_ups_asked_of(owner_id, at, most)
-- What somebody is asked to agree to.
select id, place_id, promoter_id, shop, token, state, owner_id, asked_at, expires_at, shop_id from field.sign_ups
where owner_id = :owner_id and state = 'asked' and expires_at > :at order by asked_at desc, id desc limit :most;

-- name: count_sign_ups(promoter_id, since)$
-- How often a promoter asked since then.
select count(*) from field.sign_ups where promoter_id = :promoter_id and asked_at >= :since;

-- name: set_sign_up(id, state, owner_id, shop_id, at, try_at)!
-- What became of it.
update field.sign_ups set state = :state, owner_id = coalesce(:owner_id, owner_id), shop_id = :shop_id, decided_at = :at, try_at = :try_at
where id = :id;

-- name: sign_ups_to_try(at, most)
-- Those that were agreed to and whose shop is not open yet.
select id from field.sign_ups where state = 'agreed' and try_at <= :at order by try_at limit :most;

-- name: postpone_sign_up(id, try_at)!
-- It is looked at again then.
update field.sign_ups set try_at = :try_at where id = :id and state = 'agreed';

-- name: sign_up_of_shop(shop_id)^
-- Who signed a shop up.
select id, place_id, promoter_id, shop, token, state, owner_id, asked_at, expires_at, shop_id from field.sign_ups where shop_id = :shop_id;

-- name: drop_owner_codes(person_id, at)!
-- What somebody's phone showed before, and what is over.
delete from field.owner_codes where person_id = :person_id or expires_at <= :at;

-- name: put_owner_code(person_id, code, expires_at)$
-- What the phone shows from now on; nothing is returned when another shows the same.
insert into field.owner_codes (person_id, code, expires_at) values (:person_id, :code, :expires_at)
on conflict do nothing returning true;

-- name: take_owner_code(code, at)$
-- Whose phone shows it. It is good no more.
delete from field.owner_codes where code = :code and expires_at > :at returning person_id;

-- name: insert_sheet(id, by_id, at)!
-- A sheet of codes.
insert into field.sheets (id, printed_by, printed_at) values (:id, :by_id, :at);

-- name: insert_blanks(sheet_id, codes)!
-- The codes on it.
insert into field.blanks (code, sheet_id) select code, :sheet_id from unnest(:codes::text[]) code;

-- name: sheets(most)
-- Sheets, the newest first, with how many of their codes hang somewhere.
select s.id, s.printed_by, s.printed_at, count(*)::int as codes, count(b.shop_id)::int as bound
from field.sheets s join field.blanks b on b.sheet_id = s.id group by s.id order by s.id desc limit :most;

-- name: blanks_of(sheet_id)
-- The codes of a sheet that hang nowhere yet.
select code from field.blanks where sheet_id = :sheet_id and shop_id is null order by code;

-- name: blank_locked(code)^
-- A code that was printed in advance, held until the transaction ends.
select code, sheet_id, shop_id from field.blanks where code = :code for update;

-- name: bind_blank(code, shop_id, by_id, at)!
-- It hangs at that shop.
update field.blanks set shop_id = :shop_id, bound_by = :by_id, bound_at = :at where code = :code;

-- name: end_commission_rule(at)!
-- What is promised from now on is promised by no rule.
update field.commission_rules set ended_at = :at where ended_at is null;

-- name: insert_commission_rule(id, amount_minor, after_days, payers, budget_minor, by_id, at)!
-- What is promised from now on.
insert into field.commission_rules (id, amount_minor, after_days, payers, budget_minor, set_by, set_at)
values (:id, :amount_minor, :after_days, :payers, :budget_minor, :by_id, :at);

-- name: commission_rules(most)
-- Rules, the newest first, with what was promised by each and what of it was paid.
select r.id, r.amount_minor, r.after_days, r.payers, r.budget_minor, r.set_at, r.ended_at,
    coalesce(sum(c.amount_minor) filter (where c.state in ('promised', 'due', 'paid')), 0)::bigint as promised_minor,
    coalesce(sum(c.amount_minor) filter (where c.state = 'paid'), 0)::bigint as paid_minor
from field.commission_rules r left join field.commissions c on c.rule_id = r.id group by r.id order by r.set_at desc, r.id desc limit :most;

-- name: commission_rule_locked()^
-- The one by which is promised now, held until the transaction ends.
select id, amount_minor, after_days, payers, budget_minor from field.commission_rules where ended_at is null for update;

-- name: promised_by(rule_id)$
-- What was promised by a rule and did not lapse.
select coalesce(sum(amount_minor), 0)::bigint from field.commissions where rule_id = :rule_id and state in ('promised', 'due', 'paid');

-- name: insert_commission(id, sign_up_id, rule_id, promoter_id, shop_id, owner_id, amount_minor, state, stands_on, payers, at)!
-- Promised, or told that the budget is used up; again it changes nothing.
insert into field.commissions (id, sign_up_id, rule_id, promoter_id, shop_id, owner_id, amount_minor, state, stands_on, payers, promised_at)
values (:id, :sign_up_id, :rule_id, :promoter_id, :shop_id, :owner_id, :amount_minor, :state, :stands_on, :payers, :at)
on conflict (sign_up_id) do nothing;

-- name: commission(id)^
-- One commission.
select id, rule_id, promoter_id, shop_id, amount_minor, state, stands_on, payers, promised_at, paid_at
from field.commissions where id = :id;

-- name: commission_locked(id)^
-- The same, held until the transaction ends.
select id, rule_id, promoter_id, shop_id, amount_minor, state, stands_on, payers, promised_at, paid_at
from field.commissions where id = :id for update;

-- name: commissions(promoter_id, most)
-- Of one promoter or of all, the latest first.
select id, rule_id, promoter_id, shop_id, amount_minor, state, stands_on, payers, promised_at, paid_at,
    (select count(distinct p.payer_id) from field.payments_counted p where p.shop_id = c.shop_id and not p.refunded) as paid_there
from field.commissions c
where :promoter_id::uuid is null or promoter_id = :promoter_id order by promised_at desc, id desc limit :most;

-- name: waiting_for_payers(shop_ids)
-- Shops for which a commission waits for payers, or was due by them and may have been interrupted: with its promoter and owner.
select shop_id, promoter_id, owner_id from field.commissions
where shop_id = any(:shop_ids::uuid[]) and state in ('promised', 'due') and payers is not null;

-- name: count_payments(payment_ids, shop_ids, payer_ids)!
-- These payments count, unless they were refunded already.
insert into field.payments_counted (payment_id, shop_id, payer_id)
select * from unnest(:payment_ids::uuid[], :shop_ids::uuid[], :payer_ids::uuid[]) on conflict (payment_id) do nothing;

-- name: count_no_more(payment_id, shop_id, payer_id)!
-- This payment counts no more, and will not if it is told later than its refund.
insert into field.payments_counted (payment_id, shop_id, payer_id, refunded)
select :payment_id, :shop_id, :payer_id, true from field.commissions where shop_id = :shop_id and payers is not null
on conflict (payment_id) do update set refunded = true;

-- name: set_due_by_payers(shop_ids, try_at)
-- Those of these shops at which enough people paid are due, those that were due already among them: who tells it again goes on with it.
update field.commissions c set state = 'due', try_at = :try_at
where c.shop_id = any(:shop_ids::uuid[]) and c.state in ('promised', 'due')
    and (select count(distinct p.payer_id) from field.payments_counted p where p.shop_id = c.shop_id and not p.refunded) >= c.payers
returning c.id;

-- name: set_due_by_days(today, try_at)!
-- Those whose shop stands long enough are due.
update field.commissions set state = 'due', try_at = :try_at where state = 'promised' and stands_on <= :today;

-- name: set_commission(id, state, paid_at)!
-- Paid, or lapsed.
update field.commissions set state = :state, paid_at = :paid_at, try_at = null where id = :id;

-- name: commissions_to_try(at, most)
-- Those that are due.
select id from field.commissions where state = 'due' and try_at <= :at order by try_at limit :most;

-- name: postpone_commission(id, try_at)!
-- It is looked at again then.
update field.commissions set try_at = :try_at where id = :id and state = 'due';

-- name: insert_shelter(id, place_id, shop_id, by_id, at, ends_at, budget_minor, permyriad)$
-- A shop is under shelter; nothing is returned when it was.
insert into field.shelters (id, place_id, shop_id, by_id, begins_at, ends_at, budget_minor, permyriad)
values (:id, :place_id, :shop_id, :by_id, :at, :ends_at, :budget_minor, :permyriad)
on conflict (shop_id) where ended_at is null do nothing returning true;

-- name: shelter(id)^
-- One of them, with when somebody called.
select s.id, s.place_id, s.shop_id, s.by_id, s.begins_at, s.ends_at, s.budget_minor, s.permyriad, s.given, s.ended_at,
    (select min(v.made_at) from field.visits v where v.place_id = s.place_id and v.made_at >= s.begins_at) as called_at
from field.shelters s where s.id = :id;

-- name: shelters(most)
-- All of them, those that run first, then the newest.
select s.id, s.place_id, s.shop_id, s.by_id, s.begins_at, s.ends_at, s.budget_minor, s.permyriad, s.given, s.ended_at,
    (select min(v.made_at) from field.visits v where v.place_id = s.place_id and v.made_at >= s.begins_at) as called_at
from field.shelters s order by s.ended_at is not null, s.begins_at desc, s.id desc limit :most;

-- name: shelters_running(shop_ids)
-- Those of these shops that run.
select id from field.shelters where ended_at is null and shop_id = any(:shop_ids::uuid[]);

-- name: set_shelter_given(id)!
-- The holiday was agreed on.
update field.shelters set given = true where id = :id;

-- name: end_shelter(id, at)$
-- It is over; nothing is returned when it was.
update field.shelters set ended_at = :at where id = :id and ended_at is null returning true;

-- name: shelters_to_look_at(at, most)
-- Those whose holiday is not agreed on yet, or whose time is over.
select id from field.shelters where ended_at is null and (not given or ends_at <= :at) order by begins_at limit :most;

-- name: places_to_call_on(promoter_id)
-- Places under shelter, of that promoter or nobody, at which nobody was since it began.
select p.id, p.number, p.name, p.trade, p.address, p.size, p.area_id, p.latitude_e6, p.longitude_e6, p.source, p.state, p.added_by,
    p.created_at, p.shop_id, coalesce(a.promoter_id, t.promoter_id) is not null as own
from field.shelters s join field.places p on p.id = s.place_id and p.shop_id = s.shop_id
    left join field.assignments a on a.place_id = p.id left join field.territories t on t.area_id = p.area_id
where s.ended_at is null and p.state = 'standing' and coalesce(a.promoter_id, t.promoter_id, :promoter_id) = :promoter_id
    and not exists (select from field.visits v where v.place_id = p.id and v.made_at >= s.begins_at)
order by s.begins_at, s.id;

-- name: hold_wishes_of(person_id)$
-- Nobody else writes a wish of this person until the transaction ends.
select pg_advisory_xact_lock(hashtextextended('field.wishes ' || :person_id::uuid, 0));

-- name: count_wishes(person_id, month)$
-- For how many places somebody asked in a month.
select count(*) from field.wishes where person_id = :person_id and month = :month;

-- name: insert_wish(place_id, month, person_id, at)$
-- Somebody would pay there; nothing is returned when they said so in that month.
insert into field.wishes (place_id, month, person_id, at) values (:place_id, :month, :person_id, :at)
on conflict do nothing returning true;

-- name: wished(person_id, month, place_ids)
-- For which of these places somebody asked in a month.
select place_id from field.wishes where person_id = :person_id and month = :month and place_id = any(:place_ids::uuid[]);

-- name: forget_wishes(before)!
-- Who asked in months before that one; how many they were stays.
delete from field.wishes where month < :before;

-- name: tally(place_id, month)^
-- Wishes of a month at a place. Whoever writes holds the place.
select shown_people, shown_coupons_minor, waiting_people, waiting_coupons_minor
from field.tallies where place_id = :place_id and month = :month;

-- name: tallies(place_ids, month)
-- What may be told of these places. Those that wait for a fifth are not read.
select place_id, shown_people, shown_coupons_minor
from field.tallies where place_id = any(:place_ids::uuid[]) and month = :month and shown_people > 0;

-- name: put_tally(place_id, month, shown_people, shown_coupons_minor, waiting_people, waiting_coupons_minor)!
-- What it is now.
insert into field.tallies (place_id, month, shown_people, shown_coupons_minor, waiting_people, waiting_coupons_minor)
values (:place_id, :month, :shown_people, :shown_coupons_minor, :waiting_people, :waiting_coupons_minor)
on conflict (place_id, month) do update set shown_people = excluded.shown_people, shown_coupons_minor = excluded.shown_coupons_minor,
    waiting_people = excluded.waiting_people, waiting_coupons_minor = excluded.waiting_coupons_minor;

-- name: street_to_draw()
-- Every standing place, by the kind it is drawn within.
select id, size, area_id from field.places where state = 'standing' order by id;

-- name: insert_survey(id, rival_id, counts, seed, by_id, at)$
-- A sample; nothing is returned while another of that rival is under way.
insert into field.surveys (id, rival_id, counts, seed, drawn_by, drawn_at) values (:id, :rival_id, :counts, :seed, :by_id, :at)
on conflict (rival_id) where closed_at is null do nothing returning true;

-- name: insert_survey_strata(survey_id, sizes, area_ids, places)!
-- How many places there are of each kind.
insert into field.survey_strata (survey_id, size, area_id, places)
select :survey_id, s.size, s.area_id, s.places from unnest(:sizes::text[], :area_ids::uuid[], :places::integer[]) s (size, area_id, places);

-- name: insert_survey_places(survey_id, place_ids, sizes, area_ids, promoter_ids)!
-- The places that were drawn.
insert into field.survey_places (survey_id, place_id, size, area_id, promoter_id)
select :survey_id, p.place_id, p.size, p.area_id, p.promoter_id
from unnest(:place_ids::uuid[], :sizes::text[], :area_ids::uuid[], :promoter_ids::uuid[]) p (place_id, size, area_id, promoter_id);

-- name: surveys(most)
-- Samples, the newest first, with how much of each was looked at.
select s.id, s.rival_id, r.name as rival, s.counts, s.seed, s.drawn_by, s.drawn_at, s.closed_at,
    (select count(*) from field.survey_places p where p.survey_id = s.id)::int as drawn,
    (select count(*) from field.survey_places p where p.survey_id = s.id and p.seen_at is not null)::int as seen
from field.surveys s join field.rivals r on r.id = s.rival_id order by s.drawn_at desc, s.id desc limit :most;

-- name: survey_locked(id)^
-- One sample, held until the transaction ends.
select id, rival_id, counts, seed, drawn_by, drawn_at, closed_at from field.surveys where id = :id for update;

-- name: close_survey(id, at)!
-- What was seen stands from now on.
update field.surveys set closed_at = :at where id = :id;

-- name: survey_places_left(id)$
-- Places of a sample that nobody has looked at yet.
select count(*) from field.survey_places where survey_id = :id and seen_at is null;

-- name: look(survey_id, place_id, ours, rivals, at)!
-- What the promoter who was sent to a place saw there; again until the sample is closed.
update field.survey_places set ours = :ours, rivals = :rivals, seen_at = :at where survey_id = :survey_id and place_id = :place_id;

-- name: looked(survey_id, place_id, promoter_id)^
-- What a promoter saw at a place they were sent to; both are null before they looked.
select ours, rivals from field.survey_places where survey_id = :survey_id and place_id = :place_id and promoter_id = :promoter_id;

-- name: places_to_look_at(promoter_id, most)
-- Where a promoter still has to look.
select p.survey_id, s.counts, r.name as rival, p.place_id, l.name, l.trade, l.address, l.latitude_e6, l.longitude_e6
from field.survey_places p join field.surveys s on s.id = p.survey_id join field.rivals r on r.id = s.rival_id
    join field.places l on l.id = p.place_id
where p.promoter_id = :promoter_id and p.seen_at is null and s.closed_at is null order by s.drawn_at, l.area_id, l.address, l.id limit :most;

-- name: newest_closed_surveys(counts)
-- Of each rival the newest closed sample, if there is one.
select r.id as rival_id, r.name as rival, s.id, s.closed_at from field.rivals r left join lateral (
    select id, closed_at from field.surveys where rival_id = r.id and counts = :counts and closed_at is not null
    order by closed_at desc limit 1
) s on true order by r.id;

-- name: strata_seen(survey_ids)
-- What was seen in each kind of place of closed samples.
select t.survey_id, t.places, array_agg(p.ours) as ours, array_agg(p.rivals) as rivals
from field.survey_strata t join field.survey_places p
    on p.survey_id = t.survey_id and p.size = t.size and p.area_id is not distinct from t.area_id
where t.survey_id = any(:survey_ids::uuid[]) group by t.survey_id, t.size, t.area_id, t.places;

-- name: hold_incidents_of(shop_id)$
-- Nobody else records one of this shop until the transaction ends.
select pg_advisory_xact_lock(hashtextextended('field.incidents ' || :shop_id::uuid, 0));

-- name: count_incidents(shop_id, since)$
-- How many a shop recorded since then.
select count(*) from field.incidents where shop_id = :shop_id and recorded_at >= :since;

-- name: insert_incident(id, shop_id, rival_id, words, account, speaker, spot, happened_at, photo_ids, by_id, at)!
-- What was said to a shop.
insert into field.incidents (id, shop_id, rival_id, words, account, speaker, spot, happened_at, photo_ids, recorded_by, recorded_at)
values (:id, :shop_id, :rival_id, :words, :account, :speaker, :spot, :happened_at, :photo_ids::uuid[], :by_id, :at);

-- name: incident_locked(id)^
-- One of them; nobody else writes below it until the transaction ends.
select id, shop_id, rival_id, words, account, speaker, spot, happened_at, photo_ids, recorded_by, recorded_at
from field.incidents where id = :id for update;

-- name: incidents_by_id(ids)
-- Several.
select id, shop_id, rival_id, words, account, speaker, spot, happened_at, photo_ids, recorded_by, recorded_at
from field.incidents where id = any(:ids::uuid[]) order by id;

-- name: incidents(shop_id, recorded_by, before, most)
-- A shop's, the newest first; those that one person recorded, if one is named.
select id, shop_id, rival_id, words, account, speaker, spot, happened_at, photo_ids, recorded_by, recorded_at
from field.incidents
where shop_id = :shop_id and (:recorded_by::uuid is null or recorded_by = :recorded_by) and (:before::uuid is null or id < :before)
order by id desc limit :most;

-- name: incidents_handed_over(shop_id, before, most)
-- What shops handed to the operator, the newest first; of one shop, if one is named.
select i.id, i.shop_id, i.rival_id, i.words, i.account, i.speaker, i.spot, i.happened_at, i.photo_ids, i.recorded_by, i.recorded_at
from field.incidents i
where exists (select from field.incident_entries e where e.incident_id = i.id and e.kind = 'handed_over')
    and (:shop_id::uuid is null or i.shop_id = :shop_id) and (:before::uuid is null or i.id < :before)
order by i.id desc limit :most;

-- name: insert_incident_entry(id, incident_id, kind, text, photo_ids, by_id, at)!
-- Something is written below an incident.
insert into field.incident_entries (id, incident_id, kind, text, photo_ids, written_by, written_at)
values (:id, :incident_id, :kind, :text, :photo_ids::uuid[], :by_id, :at);

-- name: incident_entries(incident_ids)
-- What was written below these, the first one first.
select id, incident_id, kind, text, photo_ids, written_by, written_at
from field.incident_entries where incident_id = any(:incident_ids::uuid[]) order by id;

-- name: places_of_shops(shop_ids)
-- Which places these shops of ours are.
select id, shop_id from field.places where shop_id = any(:shop_ids::uuid[]);

-- name: insert_shelter_campaign(campaign_id, shelter_id, by_id, at)$
-- A campaign was drafted for a shop under shelter; nothing is returned for one that was before.
insert into field.shelter_campaigns (campaign_id, shelter_id, by_id, at) values (:campaign_id, :shelter_id, :by_id, :at)
on conflict do nothing returning true;

-- name: shelter_of_campaign(campaign_id)$
-- For which shelter a campaign was drafted.
select shelter_id from field.shelter_campaigns where campaign_id = :campaign_id;

-- name: shelter_campaigns(shelter_ids)
-- What was drafted for these, the first one first.
select shelter_id, campaign_id from field.shelter_campaigns where shelter_id = any(:shelter_ids::uuid[]) order by at, campaign_id;
