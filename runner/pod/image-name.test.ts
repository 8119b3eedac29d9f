import { expect, test } from 'vitest';
import { repositoryOf, withoutTag } from './image-name.ts';

test.each([
  ['base', 'docker.io/library/base'],
  ['base:1', 'docker.io/library/base'],
  ['cimg/base:current', 'docker.io/cimg/base'],
  ['docker.io/cimg/base', 'docker.io/cimg/base'],
  ['docker.io/base', 'docker.io/library/base'],
  ['index.docker.io/cimg/base', 'docker.io/cimg/base'],
  ['registry.example.com/a/b:1', 'registry.example.com/a/b'],
  ['registry.example.com:5000/a', 'registry.example.com:5000/a'],
  ['localhost/a', 'localhost/a'],
  ['localhost:5000/a/b@sha256:12', 'localhost:5000/a/b'],
])('the image %s is of the repository %s', (image, repository) => {
  expect(repositoryOf(image)).toBe(repository);
});

test.each([
  ['mirror:5000/init', 'mirror:5000/init'],
  ['mirror:5000/init:v1@sha256:12', 'mirror:5000/init'],
])('%s has the name %s', (image, name) => {
  expect(withoutTag(image)).toBe(name);
});
