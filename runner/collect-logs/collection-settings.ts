import * as z from 'zod/mini';
import type { Environment } from '../../internal/environment.ts';
import { loggingVariables } from '../pod/logging-container.ts';
import { ControllerSettingsError } from '../settings/controller-settings.ts';
import type { Service } from './collection.ts';

/** The controller's settings for the logging container of a task. */
export interface CollectionSettings {
  readonly pod: string;
  readonly namespace: string;
  readonly services: readonly Service[];
  readonly readinessFile: string;
  readonly runnerApiUrl: string;
  /** A secret. */
  readonly taskToken: string;
}

const services = z.array(z.object({ container: z.string(), image: z.string() }));

/** @throws ControllerSettingsError with the name of the variable */
export function readCollectionSettings(environment: Environment): CollectionSettings {
  const read = (variable: string) => {
    const value = environment.get(variable) ?? '';
    if (value !== '') return value;
    throw new ControllerSettingsError(
      `${variable} is missing: collect-logs runs in the Pod of a task, where the controller sets it.`,
    );
  };
  return {
    pod: read(loggingVariables.pod),
    namespace: read(loggingVariables.namespace),
    services: parseServices(read(loggingVariables.services)),
    readinessFile: read(loggingVariables.readinessFile),
    runnerApiUrl: read(loggingVariables.runnerApi),
    taskToken: read(loggingVariables.token),
  };
}

function parseServices(text: string): readonly Service[] {
  try {
    return services.parse(JSON.parse(text));
  } catch {
    throw new ControllerSettingsError(
      `${loggingVariables.services}: expected a JSON array of objects with container and image.`,
    );
  }
}
