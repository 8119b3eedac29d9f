import { expect, test } from 'vitest';
import { Environment } from '../../internal/environment.ts';
import { readProxyVariables } from './proxy-variables.ts';

const read = (variables: Readonly<Record<string, string>>) =>
  readProxyVariables(Environment.fromObject(variables));

test('proxies are used as they are', () => {
  const variables = { HTTPS_PROXY: 'http://user:p$x@proxy:3128', no_proxy: '.svc,10.0.0.0/8' };
  const { proxy, warnings } = read(variables);
  expect(proxy).toMatchObject(variables);
  expect(warnings).toEqual([]);
});

test('credentials that the chart left unresolved are removed, and a warning says so', () => {
  const { proxy, warnings } = read({
    HTTPS_PROXY: 'http://$(PROXY__SECRETS__USERNAME):$(PROXY__SECRETS__PASSWORD)@proxy:3128',
  });
  expect(proxy.HTTPS_PROXY).toBe('http://proxy:3128');
  expect(warnings).toEqual([
    'HTTPS_PROXY refers to a variable that does not exist, and is used without its credentials: look at the Secret that agent.proxy names.',
  ]);
});

test('a proxy with an unresolved host is not used', () => {
  const { proxy, warnings } = read({ http_proxy: 'http://$(PROXY_HOST):3128' });
  expect(proxy.http_proxy).toBe('');
  expect(warnings).toHaveLength(1);
});
