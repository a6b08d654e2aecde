package main_test

import (
	"encoding/json"
	"slices"
	"testing"
)

// line is one thing that the worker of the crash tests says.
type line struct {
	Text   string `json:"text,omitempty"`
	Choice string `json:"choice,omitempty"`
}

// script is a whole registration with all answers, and then an application for a post of the samples.
var script = []line{
	{Text: "登记"},
	{Choice: "c:consent/notice/yes"},
	{Text: "老陈"},
	{Text: "13800000000"},
	{Text: "1985年生"},
	{Text: "瓦工"},
	{Text: "同安"},
	{Choice: "c:registration/summary/more"},
	{Text: "跳过"},
	{Text: "白班"},
	{Text: "一天300"},
	{Text: "日结"},
	{Text: "跳过"},
	{Choice: "c:registration/summary/yes"},
	{Choice: "i:jobs.search"},
	{Text: "瓦工"},
	{Text: "1"},
	{Choice: "c:jobs/post/apply"},
	{Choice: "c:apply/summary/yes"},
}

// wantWorker is what the records hold of the worker when the script has ended.
var wantWorker = map[string]any{
	"name": "老陈", "phone": "13800000000", "birth_year": 1985.0, "trades": []any{"t02"}, "places": []any{"tongan"},
	"shift": "day", "pay_min": 300.0, "pay_unit": "day", "settle": "daily", "complete": true,
}

// exported reads an export of the real command, which applies first what a crash left behind.
func exported(t *testing.T, what, data string, stores ...string) []map[string]any {
	t.Helper()
	var rows []map[string]any
	if err := json.Unmarshal([]byte(ok(t, "", append([]string{"export", what, "--format", "json", "--data", data}, stores...)...)), &rows); err != nil {
		t.Fatalf("export %s: %v", what, err)
	}
	return rows
}

// inRecords fails unless the records hold exactly so many workers, each with every answer and one application.
func inRecords(t *testing.T, data string, people int, stores ...string) {
	t.Helper()
	workers, applications := exported(t, "workers", data, stores...), exported(t, "applications", data, stores...)
	if len(workers) != people || len(applications) != people {
		t.Fatalf("%d workers and %d applications, want %d of each", len(workers), len(applications), people)
	}
	var applied []string
	for _, a := range applications {
		applied = append(applied, a["worker"].(string))
		if a["state"] != "applied" || a["party"] != 1.0 || a["post"] == "" {
			t.Errorf("application: %v", a)
		}
	}
	for _, w := range workers {
		for field, want := range wantWorker {
			if got, _ := json.Marshal(w[field]); string(got) != mustJSON(want) {
				t.Errorf("the worker's %s is %s, want %v", field, got, want)
			}
		}
		if w["consent"] == "" {
			t.Error("the consent is not in the records")
		}
		if !slices.Contains(applied, w["id"].(string)) {
			t.Error("a worker has no application")
		}
	}
	if requests := exported(t, "requests", data, stores...); len(requests) != 0 {
		t.Errorf("staff were called: %v", requests)
	}
}

func mustJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}
