// Rules about names and schemas. Each check takes the whole document and its options from ../spectral.yaml.
import { core, deref, finding, isOutside, isToken, operations, schemas, types, variants } from './walk.js';

const EVERYTHING = ['request', 'response', 'parameter'];
const notToken = ({ path }) => !isOutside(path) && !isToken(path);
const SAFE_INTEGER = Number.MAX_SAFE_INTEGER;

const properties = (doc) => schemas(doc, EVERYTHING).filter(({ isProperty }) => isProperty);

/** Properties whose name matches and whose core schema, or for arrays that of the items, fails `good`. */
function formatOf(doc, pattern, good, message, except = []) {
  return properties(doc)
    .filter(({ name }) => pattern.test(name) && !except.includes(name))
    .filter(({ node, path }) => {
      let { node: schema, path: at } = core(doc, node, path);
      if (types(schema).includes('array')) ({ node: schema } = core(doc, schema.items ?? {}, [...at, 'items']));
      return !good(schema);
    })
    .map(({ name, path }) => finding(`\`${name}\` ${message}`, path));
}

const stringOf = (format) => (schema) => types(schema).includes('string') && schema.format === format;

const checks = {
  snakeCase: (doc) =>
    properties(doc)
      .filter(({ name }) => !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name))
      .map(({ name, path }) => finding(`\`${name}\` is not snake_case`, path)),

  timestamps: (doc) => formatOf(doc, /_at(_from|_to)?$/, stringOf('date-time'), 'must be a string of format date-time'),

  dates: (doc, { except }) => formatOf(doc, /_on(_from|_to)?$/, stringOf('date'), 'must be a string of format date', except),

  ids: (doc, { except }) =>
    formatOf(doc, /_ids?$/, stringOf('uuid'), 'must be a string of format uuid (or a list of them)', except),

  // Doubles hold integers up to 2^53: int64 needs a maximum that says the value stays below, or it is a string.
  integers(doc, { strings }) {
    const found = schemas(doc, EVERYTHING)
      .filter(({ node, isProperty }) => !isProperty && types(node).includes('integer'))
      .filter(({ node }) => node.format !== 'int32' && !(node.format === 'int64' && node.maximum <= SAFE_INTEGER))
      .map(({ path }) => finding('an integer needs format int32, or int64 with a maximum of at most 2^53 - 1', path));
    const named = new RegExp(strings);
    const numbers = properties(doc)
      .filter(({ name, node, path }) => named.test(name) && types(core(doc, node, path).node).some((t) => /integer|number/.test(t)))
      .map(({ name, path }) => finding(`\`${name}\` is a sequence number or cursor and must be a string`, path));
    return [...found, ...numbers];
  },

  closed: (doc) =>
    schemas(doc, ['request', 'response'], notToken)
      .filter(({ node, isProperty, closedOutside }) => !isProperty && !closedOutside && node.properties)
      .filter(({ node }) => node.additionalProperties !== false && node.unevaluatedProperties !== false)
      .map(({ path }) => finding('an object with properties needs `additionalProperties: false`', path)),

  required: (doc, { except }) =>
    schemas(doc, ['response'], notToken)
      .filter(({ node, isProperty }) => !isProperty && node.properties)
      .flatMap(({ node, path }) =>
        Object.keys(node.properties)
          .filter((name) => !(node.required ?? []).includes(name) && !except.includes(name))
          .map((name) => finding(`\`${name}\` must be required: answers hold every property, as value or null`, [...path, 'properties', name])),
      ),

  enums(doc, { owned }) {
    const choices = (schema) => (schema.enum ?? []).filter((value) => value !== null);
    return properties(doc)
      .filter(({ name, node, path }) => {
        let { node: schema, path: at } = core(doc, node, path);
        if (types(schema).includes('array')) ({ node: schema } = core(doc, schema.items ?? {}, [...at, 'items']));
        const words = [...choices(schema), ...variants(doc, schema, at).flatMap((part) => part.node.const ?? choices(part.node))];
        return words.length > 1 && !owned.includes(name);
      })
      .map(({ name, path }) => finding(`\`${name}\` may not be a closed enum: a new value would break generated clients`, path));
  },

  discriminators: (doc) =>
    schemas(doc, ['request', 'response'])
      .filter(({ isProperty }) => !isProperty)
      .flatMap(({ node, path }) => {
        const objects = variants(doc, node, path).filter((part) => part.node.properties || part.node.allOf);
        if (objects.length < 2) return [];
        const { propertyName, mapping } = node.discriminator ?? {};
        if (!propertyName || !mapping) return [finding('variants need a discriminator with a mapping', path)];
        return objects
          .filter((part) => {
            const tag = deref(doc, part.node.properties?.[propertyName] ?? {}).node;
            const value = tag.const ?? (tag.enum?.length === 1 ? tag.enum[0] : undefined);
            return value === undefined || !part.node.required?.includes(propertyName) || mapping[value] !== part.raw.$ref;
          })
          .map((part) => finding(`this variant needs its own required one-value \`${propertyName}\`, mapped to it`, part.path));
      }),

  // `{"amount": "1250.00", "currency": "LAK"}` and nothing else; no lone number that is money by its name.
  money(doc) {
    const sums = schemas(doc, ['request', 'response'])
      .filter(({ node, isProperty }) => !isProperty && node.properties?.amount)
      .filter(({ node, path }) => {
        const { amount, currency } = node.properties;
        const isString = (part) => part && types(core(doc, part, path).node).includes('string');
        return Object.keys(node.properties).length === 2 ? !isString(amount) || !isString(currency) : types(core(doc, amount, path).node).some((t) => t !== 'object' && t !== 'null');
      })
      .map(({ path }) => finding('money is {amount, currency}, both strings', path));
    const lone = properties(doc)
      .filter(({ name, node, path }) => /(^|_)(budget|cost|price|spent|committed|disbursed)$/.test(name) && types(core(doc, node, path).node).some((t) => /integer|number|string/.test(t)))
      .map(({ name, path }) => finding(`\`${name}\` is money and must be {amount, currency}`, path));
    return [...sums, ...lone];
  },

  propertyDescriptions: (doc) =>
    properties(doc)
      .filter(({ path }) => path.includes('properties'))
      .filter(({ node, path }) => ![node, deref(doc, node).node, core(doc, node, path).node].some((place) => place.description?.trim()))
      .map(({ name, path }) => finding(`\`${name}\` has no description`, path)),

  // A generator that meets a body without a name invents one, and another one after the next change.
  namedBodies: (doc) =>
    operations(doc)
      .filter(notToken)
      .flatMap(({ op, at }) => {
        const bodies = [[op.requestBody, [...at, 'requestBody']], ...Object.entries(op.responses ?? {}).map(([status, r]) => [/^2/.test(status) ? r : undefined, [...at, 'responses', status]])];
        return bodies.flatMap(([raw, rawPath]) => {
          const { node, path } = deref(doc, raw, rawPath);
          return Object.entries(node.content ?? {})
            .filter(([media, body]) => /json$/.test(media) && body.schema && !body.schema.$ref)
            .map(([media]) => finding('the schema of a JSON body needs a name: put it under components and refer to it', [...path, 'content', media, 'schema']));
        });
      }),

  patches: (doc) =>
    operations(doc)
      .filter(({ method, path }) => method === 'patch' && !isOutside(path))
      .flatMap(({ op, at }) => {
        const { node: body, path } = deref(doc, op.requestBody, [...at, 'requestBody']);
        const media = Object.keys(body.content ?? {})[0];
        if (!media) return [];
        const { node, path: where } = deref(doc, body.content[media].schema, [...path, 'content', media, 'schema']);
        const found = (node.required ?? []).length ? [finding('a patch requires nothing: absent means unchanged', where)] : [];
        for (const [name, schema] of Object.entries(node.properties ?? {})) {
          const kinds = types(deref(doc, schema).node);
          if (kinds.includes('array') && !kinds.includes('null')) {
            found.push(finding(`\`${name}\` must be nullable: a Java client sends [] for an array it left alone`, [...where, 'properties', name]));
          }
        }
        return found;
      }),
};

export default function shapes(doc, options) {
  return checks[options.check](doc, options);
}
