package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// deployed reads a file of the deployment.
func deployed(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// parsed reads one that is YAML. A key that stands twice is an error of the parser's.
func parsed[T any](t *testing.T, name string) (out T) {
	t.Helper()
	in := yaml.NewDecoder(strings.NewReader(deployed(t, name)))
	if err := in.Decode(&out); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

var settingName = regexp.MustCompile(`YILU_[A-Z0-9_]+`)

// settings are those that the command has, as its help names them.
func settings(t *testing.T) []string {
	t.Helper()
	found := settingName.FindAllString(ok(t, "", "serve", "--help"), -1)
	slices.Sort(found)
	if found = slices.Compact(found); len(found) < 15 {
		t.Fatalf("the help names %q only", found)
	}
	return found
}

// TestSettingsExist holds that every setting in a deployment file or in the manual is one of the command's, and that the
// manual knows all of them.
func TestSettingsExist(t *testing.T) {
	t.Parallel()
	known := settings(t)
	manual, err := os.ReadFile("OPERATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"OPERATIONS.md": string(manual)}
	for _, name := range []string{"compose.yaml", "yilu.env", "yilu.service", "Dockerfile"} {
		files[name] = deployed(t, name)
	}
	own := []string{"YILU_ENV"} // of the compose file itself
	for name, text := range files {
		for _, setting := range settingName.FindAllString(text, -1) {
			if !slices.Contains(known, setting) && !slices.Contains(own, setting) {
				t.Errorf("%s names %s, which is no setting", name, setting)
			}
		}
	}
	for _, setting := range known {
		if !strings.Contains(string(manual), "`"+setting+"`") {
			t.Errorf("OPERATIONS.md does not explain %s", setting)
		}
	}
}

// composeFile is what is looked at of compose.yaml.
type composeFile struct {
	Services map[string]struct {
		Image       string
		Build       struct{ Context, Dockerfile string }
		EnvFile     string `yaml:"env_file"`
		Environment map[string]string
		Command     []string
		Volumes     []string
		Networks    []string
		Ports       []string
		DependsOn   yaml.Node     `yaml:"depends_on"`
		Grace       time.Duration `yaml:"stop_grace_period"`
		Profiles    []string
	}
	Networks map[string]any
	Volumes  map[string]any
}

// TestCompose holds that what compose.yaml names is there, that Yilu is there twice, on Redis and PostgreSQL, that Redis
// keeps what it has acknowledged, and that a stop is given the time that it may take.
func TestCompose(t *testing.T) {
	t.Parallel()
	c := parsed[composeFile](t, "compose.yaml")
	yilus := 0
	for name, s := range c.Services {
		if s.Image == "" {
			t.Errorf("%s has no image", name)
		}
		if strings.HasPrefix(name, "yilu") {
			yilus++
			top, err := filepath.Abs(filepath.Join("deploy", s.Build.Context))
			if err != nil || top != root(t) {
				t.Errorf("%s is built in %s", name, top)
			}
			if _, err := os.Stat(filepath.Join(top, s.Build.Dockerfile)); err != nil {
				t.Error(err)
			}
			drain, err := time.ParseDuration(s.Environment["YILU_DRAIN"])
			if err != nil || s.Grace < drain+stopsIn {
				t.Errorf("%s is given %v to stop, with a drain of %v (%v)", name, s.Grace, drain, err)
			}
			if !strings.HasPrefix(s.Environment["YILU_REDIS_URL"], "redis://redis:") || !strings.Contains(s.Environment["YILU_DATABASE_URL"], "@postgres:") {
				t.Errorf("%s keeps its data in %v", name, s.Environment)
			}
			if len(s.Ports) > 0 {
				t.Errorf("%s can be reached past the proxy: %v", name, s.Ports)
			}
			if !strings.Contains(deployed(t, "nginx.conf"), "server "+name+":8080") || !strings.Contains(deployed(t, "prometheus.yaml"), `"`+name+`:8080"`) {
				t.Errorf("the proxy or Prometheus does not know %s", name)
			}
		}
		var needs []string
		switch s.DependsOn.Kind {
		case yaml.SequenceNode:
			for _, n := range s.DependsOn.Content {
				needs = append(needs, n.Value)
			}
		case yaml.MappingNode:
			for i := 0; i < len(s.DependsOn.Content); i += 2 {
				needs = append(needs, s.DependsOn.Content[i].Value)
			}
		}
		for _, need := range needs {
			if _, there := c.Services[need]; !there {
				t.Errorf("%s depends on %s, which is not there", name, need)
			}
		}
		for _, n := range s.Networks {
			if _, there := c.Networks[n]; !there {
				t.Errorf("%s is on the network %s, which is not there", name, n)
			}
		}
		for _, v := range s.Volumes {
			from, _, _ := strings.Cut(v, ":")
			if strings.HasPrefix(from, "./") {
				deployed(t, from)
			} else if _, there := c.Volumes[from]; !there && !strings.HasPrefix(from, "$") {
				t.Errorf("%s mounts %s, which is not there", name, from)
			}
		}
	}
	if yilus != 2 {
		t.Errorf("%d Yilus", yilus)
	}
	if redis := strings.Join(c.Services["redis"].Command, " "); !strings.Contains(redis, "--appendonly yes --appendfsync always") || !strings.Contains(redis, "noeviction") {
		t.Errorf("Redis may forget: %s", redis)
	}
	for _, store := range []string{"redis", "postgres"} {
		if s := c.Services[store]; len(s.Ports) > 0 || !slices.Equal(s.Networks, []string{"inside"}) {
			t.Errorf("%s can be reached from outside: %v %v", store, s.Ports, s.Networks)
		}
	}
}

// TestProxy holds that nginx.conf is well formed, keeps the metrics inside, and limits people by their address but not
// the platforms.
func TestProxy(t *testing.T) {
	t.Parallel()
	depth := 0
	text := regexp.MustCompile(`(?m)#.*$`).ReplaceAllString(deployed(t, "nginx.conf"), "")
	for _, line := range strings.Split(text, "\n") {
		depth += strings.Count(line, "{") - strings.Count(line, "}")
		if line = strings.TrimSpace(line); depth < 0 || line != "" && !strings.ContainsRune(";{}", rune(line[len(line)-1])) {
			t.Fatalf("nginx.conf: %q", line)
		}
	}
	if depth != 0 {
		t.Error("nginx.conf: a block is not closed")
	}
	if !strings.Contains(text, "location = /metrics { return 404; }") {
		t.Error("the metrics can be reached from outside")
	}
	if hooks := regexp.MustCompile(`location /webhooks/ \{[^}]*\}`).FindString(text); hooks == "" || strings.Contains(hooks, "limit_req") {
		t.Errorf("the platforms are limited: %q", hooks)
	}
	if all := regexp.MustCompile(`location / \{[^}]*\}`).FindString(text); !strings.Contains(all, "limit_req zone=people") {
		t.Errorf("people are not limited: %q", all)
	}
}

// TestDockerfile holds what the image promises.
func TestDockerfile(t *testing.T) {
	t.Parallel()
	text := deployed(t, "Dockerfile")
	_, last, found := strings.Cut(text, "\nFROM scratch\n")
	for _, want := range []string{"USER 65532:65532\n", "ca-certificates.crt", "STOPSIGNAL SIGTERM\n", "ENTRYPOINT [\"/usr/local/bin/yilu\"]\n", "VOLUME /data\n"} {
		if !strings.Contains(last, want) {
			t.Errorf("the image has no %q", want)
		}
	}
	if !found || !strings.Contains(text, "CGO_ENABLED=0") || !strings.Contains(text, "-tags timetzdata") {
		t.Error("the image is not built static on scratch")
	}
	mod, err := os.ReadFile(filepath.Join(root(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(mod)
	if version == nil || !strings.Contains(text, "FROM golang:"+string(version[1])+" ") {
		t.Errorf("the image is built with another Go than go.mod's %s", version)
	}
}

// unitKeys are the keys of a unit that are known here, by section.
var unitKeys = map[string]string{
	"Unit": "Description Documentation After Wants StartLimitIntervalSec StartLimitBurst",
	"Service": "Type ExecStart EnvironmentFile Environment Restart RestartSec KillSignal TimeoutStopSec User Group StateDirectory " +
		"StateDirectoryMode UMask WorkingDirectory LimitNOFILE MemoryMax TasksMax NoNewPrivileges ProtectSystem ProtectHome PrivateTmp " +
		"PrivateDevices ProtectClock ProtectControlGroups ProtectHostname ProtectKernelLogs ProtectKernelModules ProtectKernelTunables " +
		"ProtectProc RestrictAddressFamilies RestrictNamespaces RestrictRealtime RestrictSUIDSGID LockPersonality MemoryDenyWriteExecute " +
		"RemoveIPC CapabilityBoundingSet AmbientCapabilities SystemCallArchitectures SystemCallFilter SystemCallErrorNumber",
	"Install": "WantedBy",
}

// TestUnit holds that yilu.service is well formed, shuts Yilu in, and gives a stop the time that it may take; where
// systemd is installed, it has the last word.
func TestUnit(t *testing.T) {
	t.Parallel()
	text := deployed(t, "yilu.service")
	section, got := "", map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if name, isSection := strings.CutPrefix(line, "["); isSection {
			section = strings.TrimSuffix(name, "]")
			continue
		}
		key, value, isKey := strings.Cut(line, "=")
		if !isKey || !slices.Contains(strings.Fields(unitKeys[section]), key) {
			t.Errorf("[%s] %s", section, line)
		}
		got[key] = value
	}
	for key, want := range map[string]string{
		"User": "yilu", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "StateDirectory": "yilu", "CapabilityBoundingSet": "",
		"EnvironmentFile": "/etc/yilu.env", "Restart": "on-failure", "KillSignal": "SIGTERM", "ExecStart": "/usr/local/bin/yilu serve",
	} {
		if value, there := got[key]; !there || value != want {
			t.Errorf("%s is %q, want %q", key, value, want)
		}
	}
	if grace, err := time.ParseDuration(got["TimeoutStopSec"]); err != nil || grace < stopsIn {
		t.Errorf("a stop is given %v (%v)", grace, err)
	}
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		return // what it would say beyond this is about the spelling of values
	}
	// The program and its user need not be on the machine that looks at the unit.
	there := strings.NewReplacer("/usr/local/bin/yilu", "/bin/true", "User=yilu", "User=root", "Group=yilu", "Group=root").Replace(text)
	unit := filepath.Join(t.TempDir(), "yilu.service")
	if err := os.WriteFile(unit, []byte(there), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(tool, "verify", "--man=no", unit).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v: %s", err, out)
	}
}

// scraped is what a running server shows: the names of the metrics, and those of the labels.
func scraped(t *testing.T) (metrics, labels []string) {
	t.Helper()
	s := serve(t, t.TempDir())
	p := newPerson(t, s.url)
	for i, l := range script { // so that what is counted by dialogue or store has been
		if _, err := p.send(s.url, id(0, i), l); err != nil {
			t.Fatal(err)
		}
	}
	var page []byte
	for late := time.Now().Add(patience); ; {
		resp, err := http.Get(s.url + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		page, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("/metrics: %d %v", resp.StatusCode, err)
		}
		if bytes.Contains(page, []byte("yilu_files{")) { // the sweeper has been round
			break
		}
		if time.Now().After(late) {
			t.Fatalf("nothing is sampled:\n%s", page)
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.stop()
	for _, m := range regexp.MustCompile(`(?m)^([a-z_]+)(\{[^}]*\})? `).FindAllSubmatch(page, -1) {
		metrics = append(metrics, string(m[1]))
		for _, l := range regexp.MustCompile(`([a-z_]+)="`).FindAllSubmatch(m[2], -1) {
			labels = append(labels, string(l[1]))
		}
	}
	slices.Sort(metrics)
	slices.Sort(labels)
	return slices.Compact(metrics), slices.Compact(labels)
}

// TestMetricsExist holds that every metric and label in the alerts and on the dashboard is one that a server shows, that
// every expression is well formed, and that every alert says how urgent it is and has its place in the manual.
func TestMetricsExist(t *testing.T) {
	t.Parallel()
	metrics, labels := scraped(t)
	metrics = append(metrics, "up") // Prometheus's own, with these labels
	labels = append(labels, "job", "instance")
	manual, err := os.ReadFile("OPERATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	var used []string
	alerts := parsed[struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr         string
				For                 time.Duration
				Labels, Annotations map[string]string
			}
		}
	}](t, "alerts.yaml")
	n := 0
	for _, g := range alerts.Groups {
		for _, r := range g.Rules {
			n++
			names, fault := readQuery(r.Expr, metrics, labels)
			if fault != "" {
				t.Errorf("%s: %s: %s", r.Alert, fault, r.Expr)
			}
			used = append(used, names...)
			if s := r.Labels["severity"]; s != "page" && s != "ticket" || r.Annotations["summary"] == "" {
				t.Errorf("%s: severity %q, summary %q", r.Alert, s, r.Annotations["summary"])
			}
			if r.Annotations["runbook"] != "OPERATIONS.md#"+strings.ToLower(r.Alert) || !strings.Contains(string(manual), "\n### "+r.Alert+"\n") {
				t.Errorf("%s: its runbook is %q, and OPERATIONS.md must have it as a heading", r.Alert, r.Annotations["runbook"])
			}
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^### (Yilu\w+)$`).FindAllStringSubmatch(string(manual), -1) {
		if !strings.Contains(deployed(t, "alerts.yaml"), "alert: "+m[1]+"\n") {
			t.Errorf("OPERATIONS.md tells of %s, which is no alert", m[1])
		}
	}
	var board struct {
		Title  string
		Panels []struct {
			ID      int
			Title   string
			Type    string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(deployed(t, "dashboard.json")), &board); err != nil {
		t.Fatal(err)
	}
	ids := map[int]bool{}
	for _, p := range board.Panels {
		if ids[p.ID] || p.Title == "" || p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("panel %d %q", p.ID, p.Title)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			n++
			names, fault := readQuery(target.Expr, metrics, labels)
			if fault != "" {
				t.Errorf("%s: %s: %s", p.Title, fault, target.Expr)
			}
			used = append(used, names...)
		}
	}
	if n < 40 {
		t.Errorf("only %d expressions were looked at", n)
	}
	// What is counted and shown nowhere was forgotten, or need not be counted.
	for _, m := range metrics {
		base := m
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			base = strings.TrimSuffix(base, suffix)
		}
		if strings.HasPrefix(m, "yilu_") && !slices.ContainsFunc(used, func(u string) bool { return strings.HasPrefix(u, base) }) {
			t.Errorf("%s is in no alert and on no dashboard", m)
		}
	}
}

// The words of PromQL that are known here.
var (
	queryFunctions = strings.Fields("sum min max avg count rate increase delta changes histogram_quantile absent time hour clamp_min")
	queryWords     = strings.Fields("and or unless by without on ignoring bool offset")
	queryTokens    = regexp.MustCompile(`^(?:\s+|"(?:[^"\\]|\\.)*"|[0-9]+(?:\.[0-9]+)?[smhd]?|\$__rate_interval|[a-zA-Z_:][a-zA-Z0-9_:]*|==|!=|>=|<=|=~|!~|[-+*/%^<>=(),{}\[\]])`)
)

// readQuery reads an expression of PromQL as far as it takes to know that its brackets match, its functions are known,
// and its metrics and labels are there. It returns the metrics.
func readQuery(text string, metrics, labels []string) (used []string, fault string) {
	var tokens []string
	for rest := text; rest != ""; {
		token := queryTokens.FindString(rest)
		if token == "" {
			return nil, fmt.Sprintf("cannot be read at %q", rest)
		}
		rest = rest[len(token):]
		if strings.TrimSpace(token) != "" {
			tokens = append(tokens, token)
		}
	}
	tokens = append(tokens, "")
	var open []string
	closes := map[string]string{")": "(", "}": "{", "]": "["}
	list := false // within the brackets of by (…)
	for i, token := range tokens {
		word := regexp.MustCompile(`^[a-zA-Z_:]`).MatchString(token)
		within := ""
		if len(open) > 0 {
			within = open[len(open)-1]
		}
		switch {
		case token == "(" || token == "{" || token == "[":
			open = append(open, token)
			list = token == "(" && i > 0 && slices.Contains([]string{"by", "without", "on", "ignoring"}, tokens[i-1])
		case closes[token] != "":
			if within != closes[token] {
				return nil, "brackets do not match at " + token
			}
			open = open[:len(open)-1]
			list = false
		case !word:
		case within == "{" || list:
			if !slices.Contains(labels, token) {
				return nil, "there is no label " + token
			}
		case slices.Contains(queryWords, token):
		case tokens[i+1] == "(" || tokens[i+1] == "by" || tokens[i+1] == "without":
			if !slices.Contains(queryFunctions, token) {
				return nil, "there is no function " + token
			}
		case !slices.Contains(metrics, token):
			return nil, "there is no metric " + token
		default:
			used = append(used, token)
		}
	}
	if len(open) > 0 {
		return nil, "a bracket is not closed"
	}
	if len(used) == 0 {
		return nil, "it asks for nothing"
	}
	return used, ""
}

// TestReadQuery holds that the reader of queries finds what is wrong with them.
func TestReadQuery(t *testing.T) {
	t.Parallel()
	metrics, labels := []string{"a_total"}, []string{"x"}
	for query, want := range map[string]string{
		`sum by (x) (rate(a_total{x="1"}[5m])) / 2 > 0.01`: "",
		`sum(a_total`:           "not closed",
		`sum(a_total])`:         "do not match",
		`summ(a_total)`:         "no function",
		`sum by (y) (a_total)`:  "no label",
		`a_total{y="1"}`:        "no label",
		`rate(b_total[5m])`:     "no metric",
		`1 + 2`:                 "asks for nothing",
		`rate(a_total[5m]) ; 1`: "cannot be read",
	} {
		if _, fault := readQuery(query, metrics, labels); want == "" && fault != "" || !strings.Contains(fault, want) {
			t.Errorf("%s: %q, want %q", query, fault, want)
		}
	}
}
