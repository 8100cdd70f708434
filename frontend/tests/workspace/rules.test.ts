import { expect, test } from 'vitest'
import { filtersOf, isFiltered, queryOf } from '@/features/workspace/audit/filters'
import { shown } from '@/features/workspace/audit/values'
import { matching, tagsOf } from '@/features/workspace/reference/endpoints'
import { grantable, outranks, rightsOver, ROLES, type Role } from '@/features/workspace/roles'
import { grouped, stateOf, toggled } from '@/features/workspace/scopes'
import { draftOf, inputOf, namesProvider, type Sso } from '@/features/workspace/settings/sso'

const member = (role: Role, id = 'usr_other') => ({ user: { id }, role })
const me = (role: Role, writesTeam = role === 'owner' || role === 'admin') => ({
  id: 'usr_me',
  role,
  writesTeam,
})

test('nobody gives a role above their own', () => {
  expect(grantable('owner')).toEqual([...ROLES])
  expect(grantable('admin')).toEqual(['admin', 'developer', 'analyst', 'billing'])
  expect(outranks('admin', 'admin')).toBe(false)
})

test('an admin manages admins and those below, never an owner', () => {
  expect(rightsOver(member('admin'), me('admin'), 1)).toMatchObject({ changeRole: true, remove: true })
  expect(rightsOver(member('owner'), me('admin'), 2)).toMatchObject({ changeRole: false, remove: false })
})

test('only an owner hands the ownership over, to somebody else who has none', () => {
  expect(rightsOver(member('analyst'), me('owner'), 1).becomeOwner).toBe(true)
  expect(rightsOver(member('analyst'), me('admin'), 1).becomeOwner).toBe(false)
  expect(rightsOver(member('owner'), me('owner'), 2).becomeOwner).toBe(false)
  expect(rightsOver(member('owner', 'usr_me'), me('owner'), 2).becomeOwner).toBe(false)
})

test('everybody may leave but the last owner', () => {
  const nothing = { changeRole: false, remove: false, leave: false, becomeOwner: false }
  expect(rightsOver(member('owner', 'usr_me'), me('owner'), 1)).toEqual(nothing)
  expect(rightsOver(member('owner', 'usr_me'), me('owner'), 2).leave).toBe(true)
  expect(rightsOver(member('billing', 'usr_me'), me('billing'), 1)).toEqual({ ...nothing, leave: true })
})

test('permissions stand in groups, in the order of the server', () => {
  const named = (name: string) => ({ name, description: '' })
  const groups = grouped(['calls.read', 'team.read', 'calls.place'].map(named))
  expect(groups.map(({ name, permissions }) => [name, permissions.length])).toEqual([
    ['calls', 2],
    ['team', 1],
  ])
})

test('a group is chosen as a whole, unless all of it is chosen already', () => {
  expect(toggled(['a', 'x'], ['a', 'b'])).toEqual(['x', 'a', 'b'])
  expect(toggled(['a', 'b', 'x'], ['a', 'b'])).toEqual(['x'])
})

test('a revoked key is revoked, an expired one expired', () => {
  const now = Date.parse('2026-03-02T00:00:00Z')
  const at = '2026-03-01T00:00:00Z'
  expect(stateOf({ revoked_at: at, expires_at: at }, now)).toBe('revoked')
  expect(stateOf({ revoked_at: null, expires_at: at }, now)).toBe('expired')
  expect(stateOf({ revoked_at: null, expires_at: '2026-03-03T00:00:00Z' }, now)).toBe('active')
  expect(stateOf({ revoked_at: null, expires_at: null }, now)).toBe('active')
})

test('the filters of the audit log come from the address, whatever the router makes of them', () => {
  expect(filtersOf({ q: 42, actor: 'owner@example.com', page: 'x' })).toEqual({
    q: '42',
    actor: 'owner@example.com',
  })
  expect(isFiltered({})).toBe(false)
})

test('days become moments: the last day is meant as a whole', () => {
  const query = queryOf({ action: 'created', from: '2026-03-01', to: '2026-03-01' })
  expect(query.action).toBe('created')
  expect(Date.parse(query.before!) - Date.parse(query.after!)).toBe(24 * 3600 * 1000)
  expect(queryOf({ from: 'nonsense', q: '' })).toEqual({})
})

test('values of the audit log as one reads them', () => {
  expect(shown(null)).toBe('')
  expect(shown(false)).toBe('false')
  expect(shown(['calls.read', 'calls.place'])).toBe('calls.read, calls.place')
  expect(shown({ a: 1 })).toBe('{\n  "a": 1\n}')
})

const SSO = {
  protocol: null,
  server_url: '',
  client_id: '',
  secret_set: true,
  idp_metadata_url: '',
  idp_entity_id: '',
  idp_sso_url: '',
  idp_certificate: '',
  email_domains: ['example.com'],
  default_role: null,
  enforced: false,
  callback_urls: { oidc_redirect_uri: '', saml_acs_url: '', saml_entity_id: '', login_url: '' },
} as Sso

test('an empty client secret is not sent, so that the stored one stays', () => {
  const draft = { ...draftOf(SSO), server_url: 'https://login.example.com', client_id: 'trunkline' }
  expect(inputOf(draft)).not.toHaveProperty('client_secret')
  expect(inputOf({ ...draft, client_secret: 'new' })).toMatchObject({ client_secret: 'new' })
})

test('of SAML either the metadata address is sent or the three values', () => {
  const draft = { ...draftOf(SSO), protocol: 'saml' as const, idp_entity_id: 'e', idp_sso_url: 'u' }
  expect(namesProvider(draft)).toBe(false)
  expect(namesProvider({ ...draft, idp_certificate: 'c' })).toBe(true)
  const metadata = inputOf({ ...draft, idp_metadata_url: 'https://login.example.com/metadata' })
  expect(metadata).toMatchObject({ idp_metadata_url: 'https://login.example.com/metadata' })
  expect(metadata).not.toHaveProperty('idp_entity_id')
  expect(metadata).not.toHaveProperty('server_url')
})

const DOCUMENT = {
  paths: {
    '/api/v1/agents': {
      get: {
        tags: ['agents'],
        summary: 'List agents',
        parameters: [{ $ref: '#/components/parameters/limit' }],
      },
      post: {
        tags: ['agents'],
        summary: 'Create an agent',
        requestBody: {
          content: { 'application/json': { examples: { One: { value: { name: 'Reception' } } } } },
        },
      },
    },
    '/api/v1/calls': { get: { tags: ['calls'], summary: 'List calls' } },
  },
  components: { parameters: { limit: { name: 'limit', in: 'query' } } },
}

test('endpoints stand under their tags, with parameters looked up and an example', () => {
  const [agents, calls] = tagsOf(DOCUMENT)
  expect(agents!.endpoints.map(({ id }) => id)).toEqual(['get /api/v1/agents', 'post /api/v1/agents'])
  expect(agents!.endpoints[0]!.parameters[0]!.name).toBe('limit')
  expect(agents!.endpoints[1]!.example).toContain('Reception')
  expect(calls!.name).toBe('calls')
})

test('a word narrows the endpoints, and tags without any are left out', () => {
  const tags = tagsOf(DOCUMENT)
  expect(matching(tags, ' CREATE ').flatMap(({ endpoints }) => endpoints.map(({ id }) => id))).toEqual([
    'post /api/v1/agents',
  ])
  expect(matching(tags, '')).toHaveLength(2)
  expect(matching(tags, 'nothing of the kind')).toEqual([])
})
