-- What a deployment of the first version holds: two people who have turned out to be one only later.
INSERT INTO worker (id, channel, user_id, name, since, modified) VALUES ('wa', 'web', 'a', '【示例】', 5, 5), ('wb', 'telegram', 'b', '', 6, 6);
INSERT INTO identity (channel, user_id, worker, since) VALUES ('web', 'a', 'wa', 5), ('telegram', 'b', 'wb', 6);
INSERT INTO application (number, post, worker, party, state, at, modified) VALUES ('BM1', 'p1', 'wa', 1, 'applied', 5, 5), ('BM2', 'p1', 'wb', 1, 'applied', 6, 6);
INSERT INTO request (number, kind, worker, post, reason, note, urgent, made_in, at) VALUES ('GD1', 'person', 'wb', '', '', '', FALSE, '', 6);
INSERT INTO alert (id, worker, trades, places, since) VALUES ('l1', 'wb', '["t01"]', '[]', 6), ('l2', 'wa', '["t02"]', '[]', 5);
INSERT INTO consent (id, worker, notice, purpose, agreed, shown, lang, at) VALUES ('c1', 'wb', 'n1', 'p', TRUE, '', '', 6), ('c2', 'wa', 'n0', 'p', TRUE, '', '', 5);
INSERT INTO applied_effect (id, at) VALUES ('e1', 6), ('e2', 5), ('e3', 6);
INSERT INTO station (id, name, aliases, kind, district, street, address, hours, phone, services, trades, manager, verified, sample) VALUES ('s1', '【示例】', '[]', 'station', '', '', '', '', '', '', '[]', '', 5, TRUE);
INSERT INTO post (id, state, trade, title, headcount, filled, employer, contact, content, conditions, district, place, address, meet, contract, pay_min, pay_max, pay_unit, pay_text, settle, start_day, end_day, from_time, to_time, shift, age_min, age_max, minor_ok, cert, meals, lodging, insurance, urgent, expires, verified, source, sample, change)
	VALUES ('p1', 'published', 't01', '【示例】', 2, 0, '', '', '', '', '', '', '', '', '', 0, 0, '', '', '', '', '', '', '', '', 0, 0, FALSE, '', FALSE, FALSE, '', FALSE, 4102444800000, 5, '', TRUE, 1);
UPDATE post_change SET last = 1;
