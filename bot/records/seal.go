package records

import "yilu/bot"

// Every personal value goes into a column through seal and comes out of it through unseal, and these are the columns:
// worker.name, worker.phone, application.name, application.phone, request.note, file.name, post.contact,
// station.manager, dispute.form, dispute_event.note, dispute_event.told.
//
// Encryption at rest belongs here and nowhere else: seal would return the ciphertext in base64 and unseal open it. An
// empty value stays empty, because statements tell by the empty string whether something is known. The values are not searched for;
// whoever needs that adds a keyed hash beside the column.
func seal(p bot.Personal) string { return p.Reveal() }

func unseal(column string) bot.Personal { return bot.NewPersonal(column) }
