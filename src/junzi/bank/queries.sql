-- name: insert_binding(id, person_id, return_url, at)!
-- An intent to bind a card.
insert into bank.bindings (id, person_id, state, return_url, page_url, started_at, ask_at)
values (:id, :person_id, 'started', :return_url, '', :at, :at);

-- name: binding(id)^
-- One binding.
select id, person_id, state, return_url, page_url, card_id, reason, started_at from bank.bindings where id = :id;

-- name: binding_locked(id)^
-- One binding, held until the transaction ends.
select id, person_id, state, return_url, page_url, card_id, reason, started_at from bank.bindings where id = :id for update;

-- name: set_page(id, page_url)!
-- Where the person confirms the card.
update bank.bindings set page_url = :page_url where id = :id and state = 'started';

-- name: set_bound(id, card_id)!
-- The issuer confirmed.
update bank.bindings set state = 'bound', card_id = :card_id where id = :id;

-- name: set_refused(id, reason)!
-- The issuer or the person said no.
update bank.bindings set state = 'refused', reason = :reason where id = :id and state = 'started';

-- name: bindings_to_ask(at, most)
-- Started bindings whose page may have been finished without coming back to us.
select id from bank.bindings where state = 'started' and ask_at <= :at order by ask_at limit :most;

-- name: postpone_binding(id, ask_at)!
-- Ask again later.
update bank.bindings set ask_at = :ask_at where id = :id;

-- name: put_card(id, person_id, token, bank_name, last4, fingerprint, at)^
-- A confirmed card; one that is bound already gets the new token and keeps its id.
insert into bank.cards (id, person_id, token, bank_name, last4, fingerprint, state, bound_at)
values (:id, :person_id, :token, :bank_name, :last4, :fingerprint, 'active', :at)
on conflict (person_id, fingerprint) where state = 'active' do update set token = excluded.token
returning id;

-- name: card_of(id, person_id)^
-- An active card of this person.
select id, person_id, token, bank_name, last4, state from bank.cards
where id = :id and person_id = :person_id and state = 'active';

-- name: card(id)^
-- A card, removed ones included.
select id, person_id, token, bank_name, last4, state from bank.cards where id = :id;

-- name: cards(ids)
-- These cards, removed ones included.
select id, person_id, token, bank_name, last4, state from bank.cards where id = any(:ids::uuid[]);

-- name: cards_of(person_id)
-- The person's active cards, the oldest first.
select id, person_id, token, bank_name, last4, state from bank.cards
where person_id = :person_id and state = 'active' order by bound_at, id;

-- name: cards_of_people(person_ids)
-- The active cards of several people, the oldest first.
select id, person_id, token, bank_name, last4, state from bank.cards
where person_id = any(:person_ids::uuid[]) and state = 'active' order by bound_at, id;

-- name: card_holders(person_ids)
-- Which of these people have an active card.
select distinct person_id from bank.cards where person_id = any(:person_ids::uuid[]) and state = 'active';

-- name: card_count(person_id)$
-- How many active cards the person has.
select count(*) from bank.cards where person_id = :person_id and state = 'active';

-- name: hold_cards_of(person_id)$
-- Nobody else adds a card to this person's wallet until the transaction ends.
select pg_advisory_xact_lock(hashtextextended('bank.cards ' || :person_id::uuid, 0));

-- name: other_card_count(person_id, fingerprint)$
-- How many active cards the person has beside this one.
select count(*) from bank.cards
where person_id = :person_id and state = 'active' and fingerprint <> :fingerprint;

-- name: remove_card(id, person_id)!
-- The person takes the card out of the wallet.
update bank.cards set state = 'removed' where id = :id and person_id = :person_id and state = 'active';

-- name: insert_debit(id, card_id, amount_minor, currency, text, at, business_date)!
-- An intent to take money; a repeat changes nothing.
insert into bank.debits (id, card_id, amount_minor, currency, text, state, asked_at, business_date)
values (:id, :card_id, :amount_minor, :currency, :text, 'asked', :at, :business_date) on conflict do nothing;

-- name: debit(id)^
-- One debit.
select id, card_id, amount_minor, currency, text, state, reason from bank.debits where id = :id;

-- name: set_debit_outcome(id, state, reason, at)!
-- What the issuer answered; the first answer stands.
update bank.debits set state = :state, reason = :reason, answered_at = :at where id = :id and state = 'asked';

-- name: insert_credit(id, card_id, amount_minor, currency, text, at, business_date)!
-- An intent to give money back; a repeat changes nothing.
insert into bank.credits (id, card_id, amount_minor, currency, text, state, asked_at, business_date)
values (:id, :card_id, :amount_minor, :currency, :text, 'asked', :at, :business_date) on conflict do nothing;

-- name: credit(id)^
-- One credit.
select id, card_id, amount_minor, currency, text, state, reason from bank.credits where id = :id;

-- name: set_credit_outcome(id, state, reason, at)!
-- What the issuer answered; the first answer stands.
update bank.credits set state = :state, reason = :reason, answered_at = :at where id = :id and state = 'asked';
