package records

import (
	"context"

	"yilu/bot"
)

const answerColumns = "id, scheme, topic, short, long, link, hotline, source, approved_by, from_day, to_day, sample"

func scanAnswer(r row) (a bot.Approved, err error) {
	return a, r.Scan(&a.ID, &a.Scheme, &a.Topic, &a.Short, &a.Long, &a.Link, &a.Hotline, &a.Source, &a.ApprovedBy, &a.From, &a.To, &a.Sample)
}

// Answers implements bot.Reader.
func (r *Records) Answers(ctx context.Context, scheme bot.Scheme, topic bot.InsuranceTopic) ([]bot.Approved, error) {
	return all(ctx, r, "list answers", "SELECT "+answerColumns+" FROM answer WHERE scheme = $1 AND topic = $2 ORDER BY from_day DESC, id DESC", scanAnswer, scheme, topic)
}

// EachAnswer runs fn on every answer in the order of their ids. An error of fn ends it and is returned.
func (r *Records) EachAnswer(ctx context.Context, fn func(bot.Approved) error) error {
	return each(ctx, r, "export answers", "SELECT "+answerColumns+" FROM answer ORDER BY id", scanAnswer, fn)
}

// PutAnswers writes answers, in place of those with their ids; all of them or none.
func (r *Records) PutAnswers(ctx context.Context, answers []bot.Approved) error {
	const op = "import answers"
	return r.put(ctx, op, len(answers), func(tx tx, i int) error {
		a := answers[i]
		if a.ID == "" {
			return noID(op, i, "id")
		}
		_, err := tx.Exec("INSERT INTO answer ("+answerColumns+`)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (id) DO UPDATE SET scheme = excluded.scheme, topic = excluded.topic, short = excluded.short, long = excluded.long,
	link = excluded.link, hotline = excluded.hotline, source = excluded.source, approved_by = excluded.approved_by,
	from_day = excluded.from_day, to_day = excluded.to_day, sample = excluded.sample`,
			a.ID, a.Scheme, a.Topic, a.Short, a.Long, a.Link, a.Hotline, a.Source, a.ApprovedBy, a.From, a.To, a.Sample)
		return err
	})
}
