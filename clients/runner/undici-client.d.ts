// undici's entry point loads fetch, WebSocket, caches and mocks as well: 5 MB and 25 ms that a process with
// 32 MiB and a tenth of a CPU does not have to spare. This one file of it is all that is needed here.
declare module 'undici/lib/dispatcher/client.js' {
  import type { Client as FullClient } from 'undici';

  type Client = Pick<FullClient, 'dispatch' | 'destroy'>;
  const Client: new (origin: string, options: FullClient.Options) => Client;
  export = Client;
}
