package records

import (
	"context"

	"yilu/bot"
)

const stationColumns = `id, name, aliases, kind, district, street, address, hours, phone, services, trades, manager, verified, sample`

func scanStation(r row) (bot.Station, error) {
	var s bot.Station
	var aliases, trades, manager string
	var verified int64
	err := r.Scan(&s.ID, &s.Name, &aliases, &s.Kind, &s.District, &s.Street, &s.Address, &s.Hours, &s.Phone, &s.Services,
		&trades, &manager, &verified, &s.Sample)
	if err != nil {
		return s, err
	}
	s.Manager, s.Verified = unseal(manager), instant(verified)
	if err := unpack(aliases, &s.Aliases); err != nil {
		return s, err
	}
	return s, unpack(trades, &s.Trades)
}

// Stations implements bot.Reader.
func (r *Records) Stations(ctx context.Context) ([]bot.Station, error) {
	return all(ctx, r, "list stations", "SELECT "+stationColumns+" FROM station ORDER BY id", scanStation)
}

// EachStation runs fn on every station in the order of their ids. An error of fn ends it and is returned.
func (r *Records) EachStation(ctx context.Context, fn func(bot.Station) error) error {
	return each(ctx, r, "export stations", "SELECT "+stationColumns+" FROM station ORDER BY id", scanStation, fn)
}

// PutStations writes stations, in place of those with their ids; all of them or none.
func (r *Records) PutStations(ctx context.Context, stations []bot.Station) error {
	const op = "import stations"
	return r.put(ctx, op, len(stations), func(tx tx, i int) error {
		s := stations[i]
		if s.ID == "" {
			return noID(op, i, "id")
		}
		aliases, err := pack(s.Aliases)
		if err != nil {
			return err
		}
		trades, err := pack(s.Trades)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO station (`+stationColumns+`)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, aliases = excluded.aliases, kind = excluded.kind,
	district = excluded.district, street = excluded.street, address = excluded.address, hours = excluded.hours,
	phone = excluded.phone, services = excluded.services, trades = excluded.trades, manager = excluded.manager,
	verified = excluded.verified, sample = excluded.sample`,
			s.ID, s.Name, aliases, s.Kind, s.District, s.Street, s.Address, s.Hours, s.Phone, s.Services, trades,
			seal(s.Manager), millis(s.Verified), s.Sample)
		return err
	})
}
