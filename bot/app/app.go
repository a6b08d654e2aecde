// Package app starts, runs and stops Yilu: it opens the data, wires the dialogues and the channels of the two lists,
// serves, fetches what workers sent, and sweeps up what a crash left behind. Open and Serve are what the command uses and what the tests use, so
// that what is tested is what runs.
//
// A stop is orderly: no new message is taken, every turn that has begun is finished or left to the platform to repeat,
// and the data file is closed last.
package app

import (
	"context"
	"crypto/rand"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"yilu/bot"
	"yilu/bot/cases"
	"yilu/bot/datafile"
	"yilu/bot/engine"
	"yilu/bot/evidence"
	"yilu/bot/ledger"
	"yilu/bot/locale"
	"yilu/bot/ops"
	"yilu/bot/postgres"
	"yilu/bot/records"
	"yilu/bot/sheets"
	"yilu/bot/understand"
	"yilu/dialogs"
	"yilu/locales"
)

// Lang is the language of people of whom nothing is known.
const Lang = "zh-CN"

// Config is what an App is opened with.
type Config struct {
	Data     string                   // folder of the data file
	Listen   string                   // address to serve on
	Settings func(name string) string // a channel's settings by their environment names
	Samples  bool                     // put sample stations and posts into an empty data file
	Random   io.Reader                // for secrets of this process; nil: the machine's own
	Now      func() time.Time
	Log      *slog.Logger

	Patience time.Duration // how long a turn may wait for the stores; 0: 1.5 s, and the file's own where all is in it
	Drain    time.Duration // how long a stop says that it is not ready before it takes no more
}

// App is an open Yilu.
type App struct {
	*engine.Engine
	Records *records.Records
	Texts   *locale.Texts
	Lexicon *understand.Words

	config  Config
	file    *datafile.File // what is kept embedded, nil before anything is
	ledger  ledger.Ledger
	fetcher *evidence.Fetcher
	metrics *ops.Metrics
	ready   *ops.Readiness

	counting *cases.Counting

	patience time.Duration  // see bounded; 0 for none
	closers  []func() error // of the stores, in the order in which they were opened
}

// LexiconSetting is the environment name of the file of the operator's own words.
const LexiconSetting = "YILU_LEXICON"

// Words reads the texts and the lexicon that are built in, and the operator's own words from a file, if one is named.
func Words(own string) (*locale.Texts, *understand.Words, error) {
	lexicon, err := fs.Sub(locales.Files, "lexicon")
	if err != nil {
		return nil, nil, err
	}
	var more []understand.Own
	if own != "" {
		text, err := os.ReadFile(own)
		if err != nil {
			return nil, nil, &bot.Error{Code: bot.Invalid, Op: "load lexicon", Field: "--lexicon " + own, Say: "cannot be read; name a text file, or leave it out", Err: err}
		}
		more = append(more, understand.Own{Name: filepath.Base(own), Text: text})
	}
	words, err := understand.Load(lexicon, more...)
	if err != nil {
		return nil, nil, err
	}
	texts, err := locale.Load(locales.Files, Lang, locale.Names{Trade: words.TradeName, District: words.DistrictName})
	return texts, words, err
}

// Open opens the data and readies the dialogues. Close must be called.
func Open(ctx context.Context, c Config) (*App, error) {
	own := ""
	if c.Settings != nil {
		own = c.Settings(LexiconSetting)
	}
	texts, words, err := Words(own)
	if err != nil {
		return nil, err
	}
	a := &App{Texts: texts, Lexicon: words, config: c}
	if err := a.open(ctx); err != nil {
		_ = a.Close()
		return nil, err
	}
	return a, nil
}

func (a *App) open(ctx context.Context) (err error) {
	a.measuring()
	if err := a.openRecords(ctx); err != nil {
		return err
	}
	if err := a.openLedger(ctx); err != nil {
		return err
	}
	files, err := evidence.OpenFolder(filepath.Join(a.config.Data, evidence.Beside))
	if err != nil {
		return err
	}
	a.fetcher = &evidence.Fetcher{
		Files: evidence.Book{Waiting: a.Records.FilesWaiting, Kept: a.Records.FileKept, Lost: a.Records.FileLost, Again: a.Records.FileAgain},
		Store: files, Now: a.config.Now, Log: a.config.Log,
	}
	if a.config.Samples {
		if err := a.samples(ctx); err != nil {
			return err
		}
	}
	secret, err := a.secret()
	if err != nil {
		return err
	}
	a.observing()
	if a.counting, err = cases.NewCounting(); err != nil {
		return err
	}
	taken := ops.WatchRecords(counted{nudging{a.Records, a.fetcher}, a.counting, a.config.Now}, a.metrics, a.config.Now)
	if a.patience = a.config.Patience; a.patience == 0 && (a.Setting(ledger.RedisSetting) != "" || a.Setting(postgres.Setting) != "") {
		a.patience = patience
	}
	if a.patience > 0 {
		taken = hasty{taken, recordIn, a.config.Patience == 0 && a.Setting(postgres.Setting) == ""}
	}
	a.Engine, err = engine.New(engine.Config{
		Dialogues: dialogs.All(), Texts: a.Texts, Words: a.Lexicon, Ledger: ops.WatchLedger(a.ledger, a.metrics, a.config.Now), Records: taken,
		Now: a.config.Now, Log: a.config.Log, Observe: a.turned, Secret: secret, Public: a.Setting("YILU_PUBLIC_URL"),
	})
	return err
}

// Case returns a case with its history and its clocks.
func (a *App) Case(ctx context.Context, number string) (bot.Case, error) {
	c, err := a.Records.Case(ctx, number)
	c.Clocks = a.counting.Clocks(c.Dispute.Route, c.History, a.config.Now())
	return c, err
}

// counted are records that know how the periods of a case stand.
type counted struct {
	nudging
	counting *cases.Counting
	now      func() time.Time
}

// Cases returns a worker's disputes with their clocks.
func (c counted) Cases(ctx context.Context, id bot.WorkerID) ([]bot.Case, error) {
	list, err := c.nudging.Cases(ctx, id)
	for i := range list {
		list[i].Clocks = c.counting.Clocks(list[i].Dispute.Route, list[i].History, c.now())
	}
	return list, err
}

// nudging are records that tell the fetcher when there is a file to fetch.
type nudging struct {
	*records.Records
	fetcher *evidence.Fetcher
}

// Apply brings effects into the records.
func (n nudging) Apply(ctx context.Context, entries []bot.Entry) ([]string, error) {
	applied, err := n.Records.Apply(ctx, entries)
	if slices.ContainsFunc(entries, func(e bot.Entry) bool { return e.Kind == bot.KeepFile{}.Kind() }) {
		n.fetcher.Nudge()
	}
	return applied, err
}

// secret is what one-time passes are made from. It lives as long as the process: a pass that was made is kept by itself.
func (a *App) secret() ([]byte, error) {
	source := a.config.Random
	if source == nil {
		source = rand.Reader
	}
	secret := make([]byte, 32)
	if _, err := io.ReadFull(source, secret); err != nil {
		return nil, &bot.Error{Code: bot.Unavailable, Op: "make secret", Say: "the source of randomness failed", Err: err}
	}
	return secret, nil
}

// samples fills an empty data file, so that there is something to look at.
func (a *App) samples(ctx context.Context) error {
	empty, err := a.Records.Empty(ctx)
	if err != nil || !empty {
		return err
	}
	stations, posts, err := sheets.Samples(locales.Files, SheetWords(a.Texts, a.Lexicon), a.config.Now())
	if err != nil {
		return err
	}
	if err := a.Records.PutStations(ctx, stations); err != nil {
		return err
	}
	answers, err := sheets.SampleAnswers(locales.Files, SheetWords(a.Texts, a.Lexicon), a.config.Now())
	if err != nil {
		return err
	}
	if err := a.Records.PutAnswers(ctx, answers); err != nil {
		return err
	}
	return a.Records.PutPosts(ctx, posts) // the last: what is not empty has all
}

// SheetWords are the names that import and export need.
func SheetWords(texts *locale.Texts, words *understand.Words) sheets.Words {
	var trades []bot.TradeID
	for _, t := range words.Trades() {
		trades = append(trades, t.ID)
	}
	return sheets.Words{
		Langs: texts.Langs(), Text: texts.Text,
		Trades: trades, Trade: words.Trade, TradeName: words.TradeName,
		District: func(said string) (bot.District, bool) {
			for _, d := range bot.Districts {
				for _, lang := range texts.Langs() {
					if words.DistrictName(d, lang) == said {
						return d, true
					}
				}
			}
			places := words.Place(said)
			if len(places) != 1 {
				return "", false
			}
			return places[0].District, true
		},
		DistrictName: words.DistrictName,
	}
}

// sweepEvery is how often waiting effects are tried again, and sweepAfter how long they are left to the turn that asked
// for them.
const (
	sweepEvery = 5 * time.Second
	sweepAfter = 10 * time.Second
	forgetMost = 1000
	hourly     = int(time.Hour / sweepEvery)
)

// sweep applies what was left behind, and forgets sessions that have expired and what nobody says any more, until the
// context ends.
func (a *App) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for round := 0; ; round++ {
		for swept := engine.SweepMost; swept >= engine.SweepMost; { // what has gathered in an outage is gone through at once
			var err error
			if swept, err = a.Sweep(ctx, a.config.Now().Add(-sweepAfter)); swept > 0 {
				a.config.Log.Info("effects applied that had waited", "effects", swept)
			}
			if err != nil {
				a.config.Log.Warn("effects still wait in the ledger", "error", err)
				break
			}
		}
		for forgotten := forgetMost; forgotten == forgetMost; {
			var err error
			if forgotten, err = a.ledger.Forget(ctx, a.config.Now(), forgetMost); err != nil {
				a.config.Log.Warn("expired sessions could not be removed", "error", err)
				break
			}
		}
		if round%hourly == 0 {
			if err := a.Records.ForgetUnclear(ctx, a.config.Now()); err != nil {
				a.config.Log.Warn("what was not understood long ago could not be removed", "error", err)
			}
		}
		a.sample(ctx, round)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
