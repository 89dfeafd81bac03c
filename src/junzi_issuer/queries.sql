-- name: has_versions()$
-- Whether this database has ever been an issuer's.
select to_regclass('issuer.versions') is not null;

-- name: highest_version()$
select coalesce(max(number), 0) from issuer.versions;

-- name: lock_migration(lock_id)$
-- One process brings the schema up at a time.
select pg_advisory_xact_lock(:lock_id::bigint);

-- name: add_version(number, at)!
insert into issuer.versions (number, at) values (:number, :at);

-- name: add_binding(reference, page_id, csrf_token, return_url, public_url, holder_hint, at)!
-- Does nothing where the reference is already there.
insert into issuer.bindings (reference, page_id, csrf_token, return_url, public_url, holder_hint, state, started_at)
values (:reference, :page_id, :csrf_token, :return_url, :public_url, :holder_hint, 'started', :at)
on conflict (reference) do nothing;

-- name: lock_binding(reference)^
select reference, page_id, csrf_token, return_url, public_url, holder_hint, state, reason, card_id, code_hash,
       code_expires_at, codes_sent, codes_wrong, started_at
from issuer.bindings where reference = :reference for update;

-- name: find_reference_of_page(page_id)$
select reference from issuer.bindings where page_id = :page_id;

-- name: set_binding_card(reference, card_id)!
update issuer.bindings set card_id = :card_id where reference = :reference;

-- name: set_binding_code(reference, code_hash, code_expires_at)!
-- A new code replaces the one before it.
update issuer.bindings
set code_hash = :code_hash, code_expires_at = :code_expires_at, codes_sent = codes_sent + 1
where reference = :reference;

-- name: count_wrong_code(reference)!
update issuer.bindings set codes_wrong = codes_wrong + 1 where reference = :reference;

-- name: end_binding(reference, state, reason, at)!
update issuer.bindings set state = :state, reason = :reason, ended_at = :at, code_hash = null, code_expires_at = null
where reference = :reference;

-- name: add_card(number_hash, last4, bank, behaviour, at)$
-- The new card's id; nothing where the number is known.
insert into issuer.cards (number_hash, last4, bank, behaviour, created_at)
values (:number_hash, :last4, :bank, :behaviour, :at)
on conflict (number_hash) do nothing
returning card_id;

-- name: find_card_by_number_hash(number_hash)^
select card_id, last4, bank, behaviour from issuer.cards where number_hash = :number_hash;

-- name: find_card(card_id)^
select card_id, last4, bank, behaviour from issuer.cards where card_id = :card_id;

-- name: add_token(token, reference, card_id, at)!
insert into issuer.tokens (token, reference, card_id, created_at) values (:token, :reference, :card_id, :at);

-- name: find_token_of_binding(reference)$
select token from issuer.tokens where reference = :reference;

-- name: revoke_token(token, at)$
-- The token, revoked now or before; nothing where there is none.
update issuer.tokens set revoked_at = coalesce(revoked_at, :at) where token = :token returning token;

-- name: hold_token(token, currency)^
-- Held against revocation until the payment that uses it is committed.
select t.token, t.card_id, c.behaviour, t.revoked_at is not null as revoked, a.account_id
from issuer.tokens t
join issuer.cards c on c.card_id = t.card_id
join issuer.accounts a on a.card_id = t.card_id and a.currency = :currency
where t.token = :token
for share of t;

-- name: find_payment(kind, reference)^
select kind, reference, token, card_id, amount_minor, currency, text, state, reason, at
from issuer.payments where kind = :kind and reference = :reference;

-- name: find_payment_behaviour(kind, reference)$
select c.behaviour from issuer.payments p join issuer.cards c on c.card_id = p.card_id
where p.kind = :kind and p.reference = :reference;

-- name: add_payment(kind, reference, token, card_id, amount_minor, currency, text, state, reason, at)$
-- The reference; nothing where another request with it came first.
insert into issuer.payments (kind, reference, token, card_id, amount_minor, currency, text, state, reason, at)
values (:kind, :reference, :token, :card_id, :amount_minor, :currency, :text, :state, :reason, :at)
on conflict (kind, reference) do nothing
returning reference;

-- name: add_cut_attempt(kind, reference, at)$
-- The reference at its first attempt; nothing at any later one.
insert into issuer.cut_attempts (kind, reference, at) values (:kind, :reference, :at)
on conflict (kind, reference) do nothing
returning reference;

-- name: add_bank_account(kind, currency)!
insert into issuer.accounts (kind, currency) values (:kind, :currency)
on conflict (kind, currency) where kind <> 'card' do nothing;

-- name: find_bank_account(kind, currency)$
select account_id from issuer.accounts where kind = :kind and currency = :currency;

-- name: add_card_account(card_id, currency)$
insert into issuer.accounts (kind, card_id, currency) values ('card', :card_id, :currency) returning account_id;

-- name: lock_balance(account_id)$
select balance_minor from issuer.accounts where account_id = :account_id for update;

-- name: move_balance(account_id, amount_minor)!
update issuer.accounts set balance_minor = balance_minor + :amount_minor where account_id = :account_id;

-- name: add_transfer(kind, reference, at)$
insert into issuer.transfers (kind, reference, at) values (:kind, :reference, :at) returning transfer_id;

-- name: add_entries(transfer_id, from_account_id, to_account_id, amount_minor)!
insert into issuer.entries (transfer_id, account_id, amount_minor)
values (:transfer_id, :from_account_id, -(:amount_minor::bigint)), (:transfer_id, :to_account_id, :amount_minor::bigint);

-- name: add_notification(kind, reference, nonce, body, wanted, due_at)$
insert into issuer.notifications (kind, reference, nonce, body, wanted, due_at)
values (:kind, :reference, :nonce, :body, :wanted, :due_at)
returning notification_id;

-- name: claim_due_notifications(at, count, retry_s)
-- Due ones, soonest first. `due_at` moves to the next try before this one is made: doubled each time, a minute at most.
update issuer.notifications n
set tries = n.tries + 1,
    due_at = :at::timestamptz + least(60.0, :retry_s::float8 * power(2, n.tries)) * interval '1 second'
from (select notification_id from issuer.notifications where due_at <= :at::timestamptz
      order by due_at limit :count for update skip locked) due
where n.notification_id = due.notification_id
returning n.notification_id, n.body, n.wanted, n.taken, n.tries;

-- name: next_due_at()$
select min(due_at) from issuer.notifications where due_at is not null;

-- name: take_notification(notification_id, due_at, at)!
-- Taken by the operator: due once more where another copy is wanted, else over.
update issuer.notifications
set taken = taken + 1,
    due_at = case when taken + 1 < wanted then :due_at::timestamptz end,
    ended_at = case when taken + 1 >= wanted then :at::timestamptz end
where notification_id = :notification_id;

-- name: give_up_notification(notification_id, at)!
update issuer.notifications set due_at = null, ended_at = :at where notification_id = :notification_id;

-- name: audit_unbalanced_transfers()$
-- Every transfer has one entry on either side, and they sum to nothing.
select count(*) from (
    select t.transfer_id from issuer.transfers t left join issuer.entries e using (transfer_id)
    group by t.transfer_id having count(e.account_id) <> 2 or coalesce(sum(e.amount_minor), 1) <> 0) wrong;

-- name: audit_sum_of_balances()$
-- Nothing was made and nothing was lost.
select coalesce(abs(sum(balance_minor)), 0)::bigint from issuer.accounts;

-- name: audit_wrong_balances()$
-- Every balance is the sum of its account's entries.
select count(*) from (
    select a.account_id from issuer.accounts a left join issuer.entries e using (account_id)
    group by a.account_id having a.balance_minor <> coalesce(sum(e.amount_minor), 0)) wrong;

-- name: audit_overdrawn_cards()$
select count(*) from issuer.accounts where kind = 'card' and balance_minor < 0;

-- name: audit_payments_not_moved()$
-- A payment that succeeded moved its amount between its card and the operator, in its direction; no other moved anything.
select count(*) from issuer.payments p
where (p.state = 'succeeded') <> exists (
        select from issuer.transfers t where t.kind = p.kind and t.reference = p.reference)
   or p.state = 'succeeded' and not exists (
        select from issuer.transfers t
        join issuer.entries c on c.transfer_id = t.transfer_id
        join issuer.accounts ca on ca.account_id = c.account_id and ca.kind = 'card' and ca.card_id = p.card_id
        join issuer.entries s on s.transfer_id = t.transfer_id
        join issuer.accounts sa on sa.account_id = s.account_id and sa.kind = 'settlement'
        where t.kind = p.kind and t.reference = p.reference and s.amount_minor = -c.amount_minor
          and c.amount_minor = case p.kind when 'debit' then -p.amount_minor else p.amount_minor end);

-- name: audit_wrong_openings(opening_minor)$
-- Every card was opened once, with the same amount out of the bank's capital, and nothing else was opened.
select count(*) from issuer.cards c
full join (
    select ca.card_id, count(*) as openings, min(e.amount_minor) as amount_minor, bool_and(ka.kind = 'capital') as from_capital
    from issuer.transfers t
    join issuer.entries e on e.transfer_id = t.transfer_id and e.amount_minor > 0
    join issuer.accounts ca on ca.account_id = e.account_id
    join issuer.entries k on k.transfer_id = t.transfer_id and k.account_id <> e.account_id
    join issuer.accounts ka on ka.account_id = k.account_id
    where t.kind = 'opening' group by ca.card_id) o on o.card_id = c.card_id
where c.card_id is null or o.openings is distinct from 1 or not o.from_capital
   or o.amount_minor is distinct from :opening_minor::bigint;

-- name: audit_untold_payments()$
-- Every payment has its notification.
select count(*) from issuer.payments p
where not exists (select from issuer.notifications n where n.kind = p.kind and n.reference = p.reference);
