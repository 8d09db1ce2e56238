// Rules about paths, operations, parameters and answers. Each check takes the whole document and its options from ../spectral.yaml.
import { deref, finding, isOutside, isResource, isSuccess, isToken, operations, responses, types } from './walk.js';

const FIXED = ['archive', 'restore', 'history', 'transitions'];
const last = (path) => path.split('/').at(-1);
const isParameter = (part) => /^\{[a-z_]+\}$/.test(part);
const header = (parameters, name) => parameters.find(({ node }) => node.in === 'header' && node.name.toLowerCase() === name.toLowerCase());
const query = (parameters, name) => parameters.find(({ node }) => node.in === 'query' && node.name === name);
const isWrite = ({ method, path }) => ['post', 'put', 'patch', 'delete'].includes(method) && isResource(path);
const isList = ({ path, op }) => isResource(path) && /^list[A-Z]/.test(op.operationId ?? '') && last(path) !== 'transitions';

/** What is wrong with a path, or undefined. */
function pathProblem(path, { singular, actions, fixed }) {
  if (fixed.some((pattern) => new RegExp(pattern).test(path))) return undefined;
  const [empty, version, noun, ...rest] = path.split('/');
  const isNoun = (word) => /^[a-z]+(-[a-z]+)*$/.test(word ?? '') && (word.endsWith('s') || singular.includes(word));
  if (empty !== '' || version !== 'v1') return 'must begin with /v1/';
  if (!isNoun(noun)) return `\`${noun}\` is not a plural kebab-case noun`;
  if (rest.length === 0 || (rest.length === 1 && rest[0] === 'transitions')) return undefined;
  if (rest[0] === 'by-external-id') return rest.join('/') === 'by-external-id/{system}/{id}' ? undefined : 'must end in /by-external-id/{system}/{id}';
  const [id, child, childId, ...more] = rest;
  if (!isParameter(id)) return `\`${id}\` is neither an id nor one of the fixed sub-resources`;
  if (child === undefined) return undefined;
  const isAction = (word) => FIXED.includes(word) || actions.includes(word);
  if (isAction(child)) return childId === undefined ? undefined : `nothing comes after /${child}`;
  if (child === 'external-ids') return [childId, ...more].join('/') === '{system}' ? undefined : 'must end in /external-ids/{system}';
  if (!isNoun(child)) return `\`${child}\` is not a plural kebab-case noun`;
  if (childId === undefined) return undefined;
  if (!isParameter(childId)) return `\`${childId}\` is not an id`;
  if (more.length === 0 || (more.length === 1 && isAction(more[0])) || more.join('/') === 'external-ids/{system}') return undefined;
  return 'more than one level of nesting: make it a flat filter';
}

/** The verbs an operationId may start with, by what the request does. */
function verbs({ method, path }, { actions }) {
  const end = last(path);
  if (method === 'post' && ['archive', 'restore'].includes(end)) return [end];
  if (method === 'post' && end === 'transitions') return ['transition'];
  if (method === 'post' && actions.includes(end)) return [end.split('-')[0]];
  return { get: ['list', 'get', 'search', 'export'], post: ['create'], patch: ['update'], put: ['upsert', 'set'], delete: ['delete'] }[method] ?? [];
}

const checks = {
  paths: (doc, options) =>
    Object.keys(doc.paths ?? {})
      .filter(isResource)
      .flatMap((path) => {
        const problem = pathProblem(path, options);
        return problem ? [finding(`${path}: ${problem}`, ['paths', path])] : [];
      }),

  operationIds: (doc, options) =>
    operations(doc).flatMap((operation) => {
      const id = operation.op.operationId;
      if (id === undefined) return []; // Spectral's own operation-operationId says so
      const at = [...operation.at, 'operationId'];
      if (!/^[a-z][a-zA-Z0-9]*$/.test(id)) return [finding(`\`${id}\` is not camelCase`, at)];
      if (!isResource(operation.path) || options.except.includes(id)) return [];
      const allowed = verbs(operation, options);
      return allowed.some((verb) => new RegExp(`^${verb}[A-Z0-9]`).test(id)) ? [] : [finding(`\`${id}\` must begin with ${allowed.join(' or ')}`, at)];
    }),

  summaries: (doc) =>
    operations(doc)
      .filter(({ op }) => !op.summary?.trim())
      .map(({ at }) => finding('an operation needs a summary', at)),

  // Header and cookie parameters too: a generator prints them all.
  parameterDescriptions: (doc) =>
    operations(doc)
      .flatMap(({ parameters }) => parameters)
      .filter(({ node }) => !node.description?.trim())
      .map(({ node, path }) => finding(`parameter \`${node.name}\` has no description`, path)),

  examples: (doc) =>
    operations(doc)
      .filter(({ path }) => !isOutside(path))
      .flatMap((operation) =>
        responses(doc, operation)
          .filter(({ status, response }) => isSuccess(status) && response.content?.['application/json'])
          .filter(({ response }) => {
            const body = response.content['application/json'];
            return ![body, deref(doc, body.schema).node].some((place) => place.example !== undefined || place.examples !== undefined);
          })
          .map(({ path }) => finding('a JSON answer needs an example, on it or on its schema', [...path, 'content', 'application/json'])),
      ),

  problems: (doc) =>
    operations(doc)
      .filter(({ path }) => !isOutside(path))
      .flatMap((operation) => {
        const all = responses(doc, operation);
        const found = ['4XX', '5XX']
          .filter((range) => !all.some(({ status }) => status === range))
          .map((range) => finding(`an operation says what a ${range} looks like`, [...operation.at, 'responses']));
        for (const { status, response, path } of all) {
          if (status === 'default') found.push(finding('no `default` answer: progenitor panics on it; use 4XX and 5XX', path));
          const media = Object.keys(response.content ?? {});
          if (/^[45]/.test(status) && !isToken(operation.path) && media.join() !== 'application/problem+json') {
            found.push(finding(`a ${status} is application/problem+json and nothing else`, path));
          }
        }
        return found;
      }),

  listPages: (doc) =>
    operations(doc)
      .filter(isList)
      .flatMap((operation) => {
        const ok = responses(doc, operation).find(({ status }) => status === '200');
        const schema = deref(doc, ok?.response.content?.['application/json']?.schema).node;
        const { data, page } = schema.properties ?? {};
        const parts = Object.keys(deref(doc, page).node.properties ?? {}).sort();
        const good = data && types(deref(doc, data).node).includes('array') && parts.join() === 'has_more,next_cursor,total';
        const more = Object.keys(schema.properties ?? {}).filter((name) => !['data', 'page', 'included'].includes(name));
        return good && more.length === 0 ? [] : [finding('a list is {data: [], page: {next_cursor, has_more, total}, included?}', [...operation.at, 'responses', '200'])];
      }),

  listParameters: (doc) =>
    operations(doc)
      .filter(isList)
      .flatMap(({ at, parameters }) => {
        const limit = deref(doc, query(parameters, 'limit')?.node.schema).node;
        const cursor = deref(doc, query(parameters, 'cursor')?.node.schema).node;
        const found = [];
        if (limit.minimum !== 1 || limit.maximum !== 200 || limit.default !== 50) found.push(finding('a list takes `limit`, 1 to 200, default 50', at));
        if (!types(cursor).includes('string')) found.push(finding('a list takes `cursor`, a string', at));
        return found;
      }),

  listLinks: (doc) =>
    operations(doc)
      .filter(isList)
      .flatMap((operation) => responses(doc, operation).filter(({ status }) => status === '200'))
      .filter(({ response }) => !response.headers?.Link)
      .map(({ path }) => finding('a list answers with `Link: rel="next"`', path)),

  noOffset: (doc, { names }) =>
    operations(doc)
      .flatMap(({ parameters }) => parameters)
      .filter(({ node }) => node.in === 'query' && names.includes(node.name))
      .map(({ node, path }) => finding(`\`${node.name}\`: pages are found by cursor, an offset skips rows under writes`, path)),

  flatParameters: (doc) =>
    operations(doc)
      .flatMap(({ parameters }) => parameters)
      .filter(({ node }) => node.in === 'query')
      .filter(({ node }) => {
        const schema = deref(doc, node.schema).node;
        const style = node.style ?? 'form';
        return style !== 'form' || node.explode === false || node.content || /[[\].]/.test(node.name) || types(schema).includes('object') || schema.properties;
      })
      .map(({ node, path }) => finding(`\`${node.name}\` is not flat: no objects, no brackets, repeated for more values`, path)),

  patchMedia: (doc) =>
    operations(doc)
      .filter(({ method }) => method === 'patch')
      .filter(({ op }) => {
        const content = deref(doc, op.requestBody).node.content ?? {};
        const [plain, merge] = [content['application/json'], content['application/merge-patch+json']];
        return !plain || !merge || JSON.stringify(plain.schema) !== JSON.stringify(merge.schema);
      })
      .map(({ at }) => finding('PATCH takes application/json and application/merge-patch+json, with one schema', [...at, 'requestBody'])),

  ifMatch: (doc, { except }) =>
    operations(doc)
      .filter(({ path, op }) => isResource(path) && !except.includes(op.operationId))
      .filter(({ method, path }) => ['patch', 'delete'].includes(method) || (method === 'post' && /\}\/(archive|restore|transitions)$/.test(path)))
      .filter(({ parameters }) => header(parameters, 'If-Match')?.node.required !== true)
      .map(({ at }) => finding('this write needs a required If-Match parameter', at)),

  etags: (doc, { except }) =>
    operations(doc)
      .filter(({ path, op }) => isResource(path) && !except.includes(op.operationId))
      .filter(({ method, path, op }) => /^(get|create|update|archive|restore|transition|upsert)[A-Z]/.test(op.operationId ?? '')
        && (method !== 'get' || isParameter(last(path))) && !/[a-z]\/transitions$/.test(path))
      .flatMap((operation) => responses(doc, operation))
      .filter(({ status, response }) => ['200', '201'].includes(status) && response.content?.['application/json'] && !response.headers?.ETag)
      .map(({ path }) => finding('the answer with a single resource carries an ETag', path)),

  security: (doc, { open }) =>
    operations(doc)
      .filter(({ path }) => !isOutside(path))
      .flatMap(({ path, op, at }) => {
        const security = op.security ?? doc.security ?? [];
        const isOpen = security.length === 0 || security.some((one) => Object.keys(one).length === 0);
        if (open.includes(path)) return [];
        return isOpen ? [finding('everything but a few fixed paths needs a token: declare its security', at)] : [];
      }),

  idempotencyKeys: (doc) =>
    operations(doc)
      .filter(isWrite)
      .filter(({ parameters }) => {
        const key = header(parameters, 'Idempotency-Key')?.node;
        return !key || key.required === true;
      })
      .map(({ at }) => finding('a write takes an optional Idempotency-Key', at)),

  dryRuns: (doc) =>
    operations(doc)
      .filter(isWrite)
      .filter(({ parameters }) => !types(deref(doc, query(parameters, 'dry_run')?.node.schema).node).includes('boolean'))
      .map(({ at }) => finding('a write takes `dry_run`, a boolean', at)),
};

export default function operationRules(doc, options) {
  return checks[options.check](doc, options);
}
