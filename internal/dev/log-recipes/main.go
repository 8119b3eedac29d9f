// For ./do try-log-recipes: reads a task's log from stdin by the receiver of the OpenTelemetry Collector, as a page of
// docs configures it, and fails unless every line arrives as that page says.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/filelogreceiver"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.yaml.in/yaml/v3"
)

// The time that the container runtime notes for every line. A line of the orchestrator has its own.
const runtimeTime = "2001-02-03T04:05:06.000000000Z"

const patience = 30 * time.Second

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "try-log-recipes:", err)
		os.Exit(1)
	}
}

func run(page string) error {
	folder, err := os.MkdirTemp("", "log-recipes-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	lines, err := writePodLog(filepath.Join(folder, "ci_task_01234567-89ab-cdef-0123-456789abcdef", "container-0"))
	if err != nil {
		return err
	}
	records, err := receive(page, filepath.Join(folder, "*/*/*.log"), lines)
	if err != nil {
		return err
	}
	return check(records)
}

// writePodLog writes stdin as a kubelet's file of a container's log. It returns the number of lines.
func writePodLog(folder string) (int, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return 0, err
	}
	file, err := os.Create(filepath.Join(folder, "0.log"))
	if err != nil {
		return 0, err
	}
	defer file.Close()
	lines := 0
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		if _, err := fmt.Fprintf(file, "%s stdout F %s\n", runtimeTime, input.Text()); err != nil {
			return 0, err
		}
		lines++
	}
	return lines, input.Err()
}

// receive reads the files by the receiver that the page configures, until as many lines have arrived.
func receive(page, include string, lines int) (_ []plog.ResourceLogs, err error) {
	settings, err := readRecipe(page)
	if err != nil {
		return nil, err
	}
	settings["include"] = []any{include}
	settings["start_at"] = "beginning"
	factory := filelogreceiver.NewFactory()
	config := factory.CreateDefaultConfig()
	if err := confmap.NewFromStringMap(settings).Unmarshal(config); err != nil {
		return nil, err
	}
	ctx := context.Background()
	sink := new(consumertest.LogsSink)
	receiver, err := factory.CreateLogs(ctx, receivertest.NewNopSettings(factory.Type()), config, sink)
	if err != nil {
		return nil, err
	}
	if err := receiver.Start(ctx, componenttest.NewNopHost()); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, receiver.Shutdown(ctx)) }()
	for end := time.Now().Add(patience); sink.LogRecordCount() < lines; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			return nil, fmt.Errorf("only %d of %d lines arrived", sink.LogRecordCount(), lines)
		}
	}
	var all []plog.ResourceLogs
	for _, logs := range sink.AllLogs() {
		for _, resource := range logs.ResourceLogs().All() {
			all = append(all, resource)
		}
	}
	return all, nil
}

// readRecipe returns the settings of the receiver in the page's only block of YAML.
func readRecipe(page string) (map[string]any, error) {
	text, err := os.ReadFile(page)
	if err != nil {
		return nil, err
	}
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(text)
	if block == nil {
		return nil, fmt.Errorf("%s has no block of YAML", page)
	}
	var recipe struct {
		Receivers struct{ Filelog map[string]any }
	}
	err = yaml.Unmarshal(block[1], &recipe)
	return recipe.Receivers.Filelog, err
}
