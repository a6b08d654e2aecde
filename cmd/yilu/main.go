// Yilu is a chat service for gig workers in Xiamen. Without a sub-command it serves the web chat.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "yilu:", err)
		stop()
		os.Exit(1)
	}
}

// commands are the flags and sub-commands; every setting has a flag and an environment name.
type commands struct {
	Data string `help:"Folder of the data." default:"./data" env:"YILU_DATA" type:"path"`

	Stores storeSettings `embed:""`

	Serve      serveCommand      `cmd:"" default:"withargs" help:"Serve the channels (this is what runs without a command)."`
	Chat       chatCommand       `cmd:"" help:"Talk to the bot in the terminal; reads lines from a pipe too."`
	Check      checkCommand      `cmd:"" help:"Check dialogues, texts and lexicon."`
	Diagram    diagramCommand    `cmd:"" help:"Draw the dialogues as Mermaid."`
	Simulate   simulateCommand   `cmd:"" help:"Play transcripts through a channel and show what a person would see there."`
	Soak       soakCommand       `cmd:"" help:"Kill processes and stores under simulated workers, and account for every message and intake."`
	Understand understandCommand `cmd:"" help:"Say what lines mean: lines in, JSON lines out."`
	Import     importCommand     `cmd:"" help:"Read stations, posts, answers, workers or applications from a file."`
	Export     exportCommand     `cmd:"" help:"Write stations, posts, answers, workers, applications, requests, cases, files or links to a file."`
	Staff      staffCommand      `cmd:"" help:"Look at disputes and take steps in them, as somebody on the staff."`
	Migrate    migrateCommand    `cmd:"" help:"Bring the tables of the records up to date; every other command that opens the data does so too."`
	Backup     backupCommand     `cmd:"" help:"Copy the data file to another file, while a server uses it too."`
	Wechat     wechatCommand     `cmd:"" help:"Look after the WeChat official account."`
}

func run(ctx context.Context, args []string, in *os.File, out, errs *os.File) error {
	var c commands
	std := &streams{ctx: ctx, in: in, out: out, errs: errs, data: &c.Data, stores: &c.Stores}
	parser, err := kong.New(&c, kong.Name("yilu"), kong.Description("A chat service for gig workers in Xiamen."),
		kong.Writers(out, errs), kong.Bind(std), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if err != nil {
		return fmt.Errorf("%w\n(yilu --help lists the commands)", err)
	}
	return command.Run()
}

// streams are what a command reads and writes.
type streams struct {
	ctx           context.Context
	in, out, errs *os.File
	data          *string
	stores        *storeSettings
}
