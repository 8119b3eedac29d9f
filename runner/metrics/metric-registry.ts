import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Metrics whose names begin with the program's. One has the name that it has in every program: the process's start. */
export class MetricRegistry {
  readonly #registry = new Registry();

  constructor() {
    new Gauge({
      name: 'process_start_time_seconds',
      help: 'When this process started, in Unix time.',
      registers: [this.#registry],
    }).set(performance.timeOrigin / 1000);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics in the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  counter<const L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ ...this.#about(name, help), labelNames: [...labelNames] });
  }

  /** @param buckets their upper bounds, s */
  histogram(name: string, help: string, buckets: number[]): Histogram<'resource_class'> {
    return new Histogram({ ...this.#about(name, help), labelNames: ['resource_class'], buckets });
  }

  /** @param collect sets the values, at each scrape */
  gauge(name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => void): void {
    const gauge: Gauge = new Gauge({ ...this.#about(name, help), labelNames, collect: () => collect(gauge) });
  }

  #about(name: string, help: string) {
    return { name: `container_agent_${name}`, help, registers: [this.#registry] };
  }
}
