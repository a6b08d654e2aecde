package records

import "yilu/bot"

// noteContact keeps whether the person can be written to, and the scene that brought them. Each is that of the newest
// note that says it, in whatever order they come. Nobody becomes a worker by following an account.
func noteContact(tx tx, e bot.Entry, n bot.NoteContact) error {
	at, sceneAt := millis(e.At), int64(0)
	if n.Scene != "" {
		sceneAt = at
	}
	_, err := tx.Exec(`INSERT INTO contact (channel, user_id, reachable, since, changed, scene, scene_at)
VALUES ($1, $2, $3, $4, $4, $5, $6)
ON CONFLICT (channel, user_id) DO UPDATE SET
	reachable = CASE WHEN excluded.changed >= contact.changed THEN excluded.reachable ELSE contact.reachable END,
	changed = CASE WHEN excluded.changed > contact.changed THEN excluded.changed ELSE contact.changed END,
	since = CASE WHEN excluded.since < contact.since THEN excluded.since ELSE contact.since END,
	scene = CASE WHEN excluded.scene <> '' AND excluded.scene_at >= contact.scene_at THEN excluded.scene ELSE contact.scene END,
	scene_at = CASE WHEN excluded.scene_at > contact.scene_at THEN excluded.scene_at ELSE contact.scene_at END`,
		e.From.Channel, e.From.User, n.Reachable, at, n.Scene, sceneAt)
	return err
}
