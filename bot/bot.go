// Package bot is the contract of Yilu and the nouns that everybody shares: Message, Reply, Effect, Dialogue, Adapter,
// Worker, Post and the values that a worker's words can mean. It guarantees that whatever speaks in these terms can
// be combined: a channel never sees a dialogue, a dialogue never sees a store. It does nothing by itself, keeps no
// state, and imports the standard library only.
//
// One message travels one way:
//
//	platform ─> adapter ─> engine ──────────────────────────────────> adapter ─> platform
//	            verify     load      (ledger)                         render
//	            decode     decide    safety > commands > dialogue > understanding
//	                       commit    state + answers + reply + effects, one step
//	                       apply     effects into the records, idempotent
//
// The house:
//
//	cmd/yilu/        main: flags and sub-commands; deploy/ for operators; soak/ kills things and accounts for everything
//	cmd/bench/       what a turn costs, against a floor
//	bot/             this package
//	  app/           start, run and stop: wires the lists and the stores
//	  engine/        one turn; runs, checks and draws the dialogue tables
//	  ledger/        live dialogues: the contract, its conformance suite, the embedded store and Redis
//	  records/       SQL: workers, posts, applications, disputes …, one file a noun, migrations beside it
//	  cases/         what can happen to a dispute, who may, and what that needs
//	  deadline/      working days, and the periods of the law and of the operator as data
//	  casefile/      a dispute on paper
//	  evidence/      photos, recordings and documents: fetched from the platforms and kept
//	  batch/         lines up those who write to one store, so that they are written together
//	  datafile/      opens the one SQLite file that ledger and records share
//	  postgres/      opens the PostgreSQL database where the records are, if one is set
//	  ops/           what an operator sees: metrics and readiness
//	  storetest/     private Redis and PostgreSQL servers for tests and measurements
//	  understand/    what a worker's words mean: intent and slots, and the shared parsers
//	  locale/        texts by key and language; how values are said
//	  sheets/        rows in and out: csv, xlsx, json
//	  talk/          transcripts: read, and played against anything that can be talked to
//	dialogs/         one folder a dialogue: a table, pure handlers, transcripts; dialogs.go is the one list
//	adapters/        one folder a channel; adapters.go is the one list
//	locales/         every word that a person reads; lexicon/ the words that people say
//
// Imports run one way, and a test keeps it so: cmd → app → {dialogs, adapters, bot/*} → bot → standard library.
// Dialogs and adapters import bot, and never each other or the stores.
package bot

import "time"

// Xiamen is the zone in which dates and times are said and read: Asia/Shanghai, UTC+8 without summer time since 1991.
var Xiamen = time.FixedZone("Asia/Shanghai", 8*60*60)
