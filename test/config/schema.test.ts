import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configSchemaOf } from '../../src/config/schema.ts'
import { drivers } from '../../src/drivers/registry.ts'
import { compile } from '../../src/validate.ts'
import { arrayDriver, plainDriver } from './drivers.ts'

type Node = Readonly<Record<string, unknown>>
const propertiesOf = (schema: Node) => schema['properties'] as Readonly<Record<string, Node>>

test('the schema is draft 7, named by its driver, and closed', () => {
  const schema = configSchemaOf('array-san', arrayDriver)
  assert.equal(schema['$schema'], 'http://json-schema.org/draft-07/schema#')
  assert.equal(schema.$id, 'netappdvp/config/array-san')
  assert.equal(schema['additionalProperties'], false)
  assert.deepEqual(schema['required'], ['version', 'storageDriverName', 'TenantName'])
})

test('objects inside are closed too, and `required` is where draft 7 has it', () => {
  const { items } = propertiesOf(configSchemaOf('array-san', arrayDriver))['Types'] as { items: Node }
  const qos = propertiesOf(items)['Qos']!
  assert.deepEqual([items['additionalProperties'], qos['additionalProperties']], [false, false])
  assert.deepEqual(qos['required'], ['minIOPS'])
  assert.ok(!JSON.stringify(configSchemaOf('array-san', arrayDriver)).includes('"required":true'))
})

test('each secret has a setting for its file beside it', () => {
  const properties = propertiesOf(configSchemaOf('array-san', arrayDriver))
  assert.deepEqual(
    Object.keys(properties).filter((name) => name.endsWith('File')),
    ['EndPointFile', 'passwordFile'],
  )
})

test('the driver’s options are settings under defaults, beside the size', () => {
  const { defaults } = propertiesOf(configSchemaOf('array-san', arrayDriver))
  assert.deepEqual(Object.keys(propertiesOf(defaults!)), ['size', 'fileSystemType', 'splitOnClone', 'blocks', 'pool'])
})

test('each driver’s schema describes every setting in a sentence, and compiles', () => {
  for (const [name, definition] of Object.entries({ ...drivers, plain: plainDriver, 'array-san': arrayDriver })) {
    const schema = configSchemaOf(name, definition)
    eachProperty(schema, (path, property) => assert.match(String(property['description']), /\S\.$/, `${name} ${path}`))
    compile(schema)({})
  }
})

function eachProperty(schema: Node, see: (path: string, property: Node) => void, within = ''): void {
  for (const [name, property] of Object.entries(propertiesOf(schema) ?? {})) {
    see(`${within}${name}`, property)
    eachProperty(property, see, `${within}${name}.`)
  }
}

test('a config as it stands in the README passes the schema without being normalised', () => {
  const check = compile(configSchemaOf('array-san', arrayDriver))
  const config = { version: 1, storageDriverName: 'array-san', TenantName: 'x', EndPoint: 'https://h', port: '8443' }
  assert.deepEqual(check({ ...config, $schema: './x.json', defaults: { splitOnClone: 'false', size: '10g' } }), [])
  assert.equal(check({ ...config, surprise: 1 }).length, 1)
})
