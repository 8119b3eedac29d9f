package main

import (
	"fmt"
	"regexp"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"
)

// What every record has from the path of its file.
var place = regexp.MustCompile(`k8s\.container\.name:container-0 .*k8s\.namespace\.name:ci .*k8s\.pod\.name:task `)

// Records as describe writes them. Those of the job keep the time of the runtime and have no level.
var expected = map[string]*regexp.Regexp{
	"text of the job":          regexp.MustCompile(`^ at 2001-02-03T04:05:06Z: text of the job, with "msg":"task failed" in it map`),
	"JSON of the job":          regexp.MustCompile(`^ at 2001-02-03T04:05:06Z: {"hello":"job"} map`),
	"JSON that was cut short":  regexp.MustCompile(`^ at 2001-02-03T04:05:06Z: {"level":"info","msg":"cut sho map`),
	"the first line of a task": regexp.MustCompile(`^info at 2[01][2-9].*Z: starting orchestrator map.* task\.id:task-1 `),
	"a warning":                regexp.MustCompile(`^warn at 2[01][2-9].*Z: a setting is probably wrong map.*\bsetting:runner_api_base_url `),
	"a failure":                regexp.MustCompile(`^error at 2[01][2-9].*Z: task failed map.*\bcode:agent-exit exit_status:7 `),
	"the measures of a task":   regexp.MustCompile(`^error at 2[01][2-9].*Z: the runner API could .* task\.duration_ms:[0-9.]+ `),
}

// check says what is not among the records as the page promises.
func check(resources []plog.ResourceLogs) error {
	seen := map[string]bool{}
	for _, resource := range resources {
		if found := fmt.Sprint(resource.Resource().Attributes().AsRaw()); !place.MatchString(found) {
			return fmt.Errorf("the place of a line is %s", found)
		}
		for _, scope := range resource.ScopeLogs().All() {
			for _, record := range scope.LogRecords().All() {
				line := describe(record)
				fmt.Println(line)
				for name, pattern := range expected {
					seen[name] = seen[name] || pattern.MatchString(line)
				}
			}
		}
	}
	for name := range expected {
		if !seen[name] {
			return fmt.Errorf("no record is as expected of %s", name)
		}
	}
	return nil
}

func describe(record plog.LogRecord) string {
	at := record.Timestamp().AsTime().Format(time.RFC3339Nano)
	return fmt.Sprintf("%s at %s: %s %v", record.SeverityText(), at, record.Body().AsString(), record.Attributes().AsRaw())
}
