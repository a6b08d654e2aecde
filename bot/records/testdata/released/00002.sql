-- What the second version adds to it: files, contacts, and an identity that was linked.
INSERT INTO contact (channel, user_id, reachable, since, changed, scene, scene_at) VALUES ('wechat', 'c', TRUE, 7, 7, 'stop-1', 7);
INSERT INTO file (id, worker, channel, user_id, kind, ref, media_type, name, size, till, number, made_in, state, next_try, at)
	VALUES ('f1', 'wb', 'telegram', 'b', 'voice', 'r1', 'audio/ogg', '【示例】', 9, 0, 'GD1', '', 'waits', 6, 6);
INSERT INTO identity (channel, user_id, worker, since, linked) VALUES ('wechat', 'd', 'wa', 7, 8);
INSERT INTO worker_alias (id, worker) VALUES ('wd', 'wa');
INSERT INTO identity_link (id, at, what, channel, user_id, worker_from, worker_into, moved) VALUES ('k1', 8, 'linked', 'wechat', 'd', 'wd', 'wa', '{}');
INSERT INTO applied_effect (id, at) VALUES ('k1', 8);
