//go:build !unix

package soak

import (
	"os"

	"yilu/bot"
)

// A soak needs memory that processes share, and signals: it runs where Yilu is run in earnest.
func mapped(*os.File, int) ([]byte, error) {
	return nil, bot.Errorf(bot.Off, "soak", "it runs on Linux and other Unix systems only")
}

func unmap([]byte) {}

func die() { os.Exit(1) }

func survive() {}
