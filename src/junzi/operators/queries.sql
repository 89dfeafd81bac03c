-- name: insert_staff(person_id, role, since)$
-- Give a person a role; nothing is returned for somebody who holds one.
insert into operators.staff (person_id, role, since) values (:person_id, :role, :since)
on conflict (person_id) do nothing returning true;

-- name: role_of(person_id)$
-- The role a person holds.
select role from operators.staff where person_id = :person_id;

-- name: staff(role)
-- Who holds a role, the first one in front.
select person_id from operators.staff where role = :role order by since, person_id;

-- name: has_staff()$
-- Whether anybody holds a role.
select exists (select from operators.staff);

-- name: insert_audit_entry(id, person_id, action, facts, at)!
-- Write down what was done.
insert into operators.audit_trail (id, person_id, action, facts, at) values (:id, :person_id, :action, :facts, :at);

-- name: audit_entries(most)
-- What was done, newest first.
select id, person_id, action, facts, at from operators.audit_trail order by id desc limit :most;
