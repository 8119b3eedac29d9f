import { join } from 'node:path';
import { loadImage } from '../../cluster/images/load.ts';
import { busyboxImage, containerAgentImage, images } from '../../testing/cluster/images.ts';
import { executable } from '../../testing/executable.ts';
import { sampleAgent } from '../sample-agent.ts';

/** The images of the demo, by their names on the cluster. */
export const demoImages = {
  containerAgent: 'localhost/container-agent:demo',
  /** The orchestrator, with the sample agent in the place of circleci-agent. */
  runnerInit: 'localhost/runner-init:demo',
  job: images.busybox,
  database: 'localhost/database:demo',
  cache: 'localhost/cache:demo',
} as const;

const sampleService = join(import.meta.dirname, 'sample-service.sh');

/** Makes them from files of this machine, and loads them into the cluster. @throws Error if a program is not built */
export async function loadDemoImages(): Promise<void> {
  await loadImage(demoImages.containerAgent, containerAgentImage);
  await loadImage(demoImages.runnerInit, {
    files: { '/orchestrator': executable, '/circleci-agent': sampleAgent },
    entrypoint: ['/orchestrator', 'init'],
  });
  const busybox = await busyboxImage();
  await loadImage(demoImages.job, busybox);
  for (const service of ['database', 'cache'] as const) {
    await loadImage(demoImages[service], {
      ...busybox,
      files: { ...busybox.files, '/service': sampleService },
      entrypoint: ['/service', service],
    });
  }
}
