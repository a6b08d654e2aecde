package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// talkOf is a transcript of a dialogue, and posts are those that it is about.
func talkOf(t *testing.T, name string) string {
	t.Helper()
	dialogue, file := filepath.Split(name)
	return filepath.Join(root(t), "dialogs", dialogue, "testdata", file+".talk")
}

func postsOf(t *testing.T) string { return filepath.Join(root(t), "dialogs", "testdata", "posts.json") }

// TestSimulate plays transcripts with the real command, through every channel, and leaves nothing behind.
func TestSimulate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args  []string
		shows []string
	}{
		"telegram":     {[]string{"--channel", "telegram"}, []string{"> [同意并登记]", "< [同意并登记] [改一项]\n", "< [过了] [还没过]\n"}},
		"wechat":       {[]string{"--channel", "wechat"}, []string{"> 1\n", "< 1 同意并登记\n"}},
		"wechat plain": {[]string{"--channel", "wechat", "--mode", "plain"}, []string{"< 1 同意并登记\n"}},
		"web":          {[]string{"--channel", "web"}, []string{"> [同意并登记]", "< [同意并登记]\n"}},
		"terminal":     {[]string{"--channel", "terminal"}, []string{"> 1\n", "< 1 同意并登记\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"simulate", "--check", "--posts", postsOf(t)}, c.args...)
			out := ok(t, "", append(args, talkOf(t, "registration/again"), talkOf(t, "registration/birthday_yes"), talkOf(t, "jobs/closed_under_the_finger"))...)
			for _, want := range append(c.shows, "== ", "! post P-10 closed\n") {
				if !strings.Contains(out, want) {
					t.Errorf("it does not show %q:\n%s", want, out)
				}
			}
		})
	}
}

// TestSimulateRefuses names what is wrong, with the file and the line.
func TestSimulateRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		write(t, path, text)
		return path
	}
	wrong := file("wrong.talk", "> 登记\n< 别的话\n")
	for name, c := range map[string]struct {
		args  []string
		words []string
	}{
		"other words":       {[]string{"--channel", "web", "--check", wrong}, []string{"wrong.talk", "line 2", "别的话", "为了帮您找活"}},
		"directive":         {[]string{"--channel", "web", talkOf(t, "registration/records_down")}, []string{"line 13", "directive records", "does not know"}},
		"no such choice":    {[]string{"--channel", "web", file("press.talk", "> 登记\n> [买票]\n")}, []string{"line 2", "no such choice"}},
		"no transcript":     {[]string{"--channel", "web", file("odd.talk", "hello\n")}, []string{"odd.talk", "line 1"}},
		"no file":           {[]string{"--channel", "web", "nosuch.talk"}, []string{"nosuch.talk", "cannot be read"}},
		"channel":           {[]string{"--channel", "fax", wrong}, []string{"--channel"}},
		"no channel":        {[]string{wrong}, []string{"--channel"}},
		"mode of another":   {[]string{"--channel", "web", "--mode", "safe", wrong}, []string{"mode", "wechat"}},
		"mode":              {[]string{"--channel", "wechat", "--mode", "secret", wrong}, []string{"--mode"}},
		"posts":             {[]string{"--channel", "web", "--posts", file("posts.csv", "a,b\n1,2\n"), wrong}, []string{"posts"}},
		"post":              {[]string{"--channel", "web", file("post.talk", "! post P-99 closed\n")}, []string{"line 1", "post"}},
		"what web has not":  {[]string{"--channel", "web", file("photo.talk", "> {photo}\n")}, []string{"line 1", "photo"}},
		"not told to check": {[]string{"--channel", "terminal", wrong}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := yilu(t, nil, append([]string{"simulate"}, c.args...)...)
			if c.words == nil {
				if r.code != 0 || !strings.Contains(r.out, "为了帮您找活") {
					t.Errorf("exit code %d: %s%s", r.code, r.out, r.err)
				}
				return
			}
			refused(t, r, c.words...)
		})
	}
}

// TestSimulateTakesSheets holds that posts may come as staff export them, and that the data are gone afterwards.
func TestSimulateTakesSheets(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	posts := filepath.Join(folder, "posts.json")
	ok(t, "", "export", "posts", posts, "--data", filepath.Join(folder, "data"))
	temp := t.TempDir()
	cmd := command(t, false, "simulate", "--channel", "wechat", "--posts", posts, talkOf(t, "jobs/none"))
	cmd.Env = append(cmd.Env, "TMPDIR="+temp)
	out, _ := cmd.CombinedOutput() // the transcript is about other posts
	if !strings.Contains(string(out), "> ") {
		t.Errorf("it showed nothing: %s", out)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("%d things are left: %v %v", len(left), left, err)
	}
}
