// Ways through an OpenAPI document that both rule files need. The rules see the document with its `$ref`s in place, so that a
// component is judged once, at its own place, however many operations use it.

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'];

export const finding = (message, path) => ({ message, path });

/** Not resources and not ours to shape: probes, the document itself, RFC-defined metadata, pages for people. */
export const isOutside = (path) => /^\/(health|\.well-known|problems|docs|metrics|openapi\.json)(\/|$)/.test(path);
/** RFC 6749 and 7009 say how these look: form in, their own error shape out. */
export const isToken = (path) => path.startsWith('/v1/auth/');
/** One row about the caller or the instance: no id, no revision, no list. */
export const isSingular = (path) => path === '/v1/instance' || /^\/v1\/me(\/|$)/.test(path);
export const isResource = (path) => !isOutside(path) && !isToken(path) && !isSingular(path);

/** Follows `$ref` to the end; a dangling one is Spectral's own finding (`invalid-ref`), here it is an empty object. */
export function deref(doc, node, path = []) {
  for (let hops = 0; node && typeof node.$ref === 'string' && hops < 20; hops += 1) {
    path = node.$ref.slice(2).split('/').map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'));
    node = path.reduce((at, key) => (at === undefined || at === null ? undefined : at[key]), doc);
  }
  return { node: node ?? {}, path };
}

export function operations(doc) {
  const found = [];
  for (const [path, item] of Object.entries(doc.paths ?? {})) {
    for (const method of METHODS.filter((name) => item?.[name])) {
      const op = item[method];
      const at = ['paths', path, method];
      const own = (op.parameters ?? []).map((raw, i) => deref(doc, raw, [...at, 'parameters', i]));
      const shared = (item.parameters ?? []).map((raw, i) => deref(doc, raw, ['paths', path, 'parameters', i]));
      found.push({ path, method, op, at, parameters: [...own, ...shared] });
    }
  }
  return found;
}

/** `[status, response, path]` of an operation, references followed. */
export function responses(doc, { op, at }) {
  return Object.entries(op.responses ?? {}).map(([status, raw]) => {
    const { node, path } = deref(doc, raw, [...at, 'responses', status]);
    return { status, response: node, path };
  });
}

export const isSuccess = (status) => /^2/.test(status);
export const types = (schema) => [schema.type ?? []].flat();

/** The schemas a value can have when it is not null: utoipa writes `oneOf: [{type: null}, {$ref}]` for an optional reference. */
export function variants(doc, schema, path) {
  for (const word of ['oneOf', 'anyOf']) {
    if (Array.isArray(schema[word])) {
      return schema[word]
        .map((raw, i) => ({ raw, ...deref(doc, raw, [...path, word, i]) }))
        .filter(({ node }) => !(types(node).length === 1 && types(node)[0] === 'null'));
    }
  }
  return [];
}

/** What a property really is: references and "or null" taken away. */
export function core(doc, schema, path) {
  const at = deref(doc, schema, path);
  const rest = variants(doc, at.node, at.path);
  return rest.length === 1 ? core(doc, rest[0].node, rest[0].path) : at;
}

/**
 * Every schema that the chosen side ('request', 'response', 'parameter') of the operations reaches, each once:
 * `{ node, path, name, closedOutside }`; `name` is the property's or parameter's.
 */
export function schemas(doc, sides, wanted = (operation) => !isOutside(operation.path)) {
  const found = [];
  const seen = new Set();
  const visit = (raw, rawPath, name, closedOutside = false) => {
    if (raw === undefined || raw === null || typeof raw !== 'object') return;
    if (name !== undefined) found.push({ node: raw, path: rawPath, name, isProperty: true });
    const { node, path } = deref(doc, raw, rawPath);
    if (seen.has(node)) return;
    seen.add(node);
    found.push({ node, path, closedOutside });
    for (const [key, value] of Object.entries(node.properties ?? {})) visit(value, [...path, 'properties', key], key);
    visit(node.items, [...path, 'items']);
    if (typeof node.additionalProperties === 'object') visit(node.additionalProperties, [...path, 'additionalProperties']);
    for (const word of ['oneOf', 'anyOf', 'allOf']) {
      // The parts of an allOf cannot be closed one by one; the whole is, by unevaluatedProperties.
      const closed = word === 'allOf' && node.unevaluatedProperties === false;
      (node[word] ?? []).forEach((part, i) => visit(part, [...path, word, i], undefined, closed));
    }
  };
  const content = (node, path, only = () => true) => {
    for (const [media, body] of Object.entries(node.content ?? {})) {
      if (only(media)) visit(body.schema, [...path, 'content', media, 'schema']);
    }
  };
  for (const operation of operations(doc).filter(wanted)) {
    if (sides.includes('parameter')) {
      for (const { node, path } of operation.parameters) {
        if (node.in !== 'header') visit(node.schema, [...path, 'schema'], node.name);
      }
    }
    if (sides.includes('request') && operation.op.requestBody) {
      const { node, path } = deref(doc, operation.op.requestBody, [...operation.at, 'requestBody']);
      content(node, path);
    }
    if (sides.includes('response')) {
      for (const { status, response, path } of responses(doc, operation)) {
        // Problems are RFC 9457's: members are left out when they say nothing.
        if (isSuccess(status)) content(response, path, (media) => media === 'application/json');
      }
    }
  }
  return found;
}
