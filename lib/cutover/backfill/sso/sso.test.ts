import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { organizations } from '../../../../sandbox/settings.ts'
import { runBackfill } from '../command'
import { management, setUpOrganizations } from '../organizations/testing'
import { createProgress } from '../progress'
import { writesAtStytch } from '../testing'

/** `npm run backfill -- sso`. */

const bed = setUpOrganizations()

/** A public certificate, as an identity provider publishes it. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBjDCCATOgAwIBAgIUYXi22xpol2g3lCquh3CXe0d/ExEwCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQaWRwLmFjbWUuZXhhbXBsZTAgFw0yNjExMjUyMDQ0NTRaGA8y
MTI2MTEwMTIwNDQ1NFowGzEZMBcGA1UEAwwQaWRwLmFjbWUuZXhhbXBsZTBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABDc9igJq9eKTxQMnaWVZT88GJt6gdJPfCbnr
B6MVf5pqTCqKMsQ6qZSP0c9m+nVyPAyzWlL6dBhga3UePTw9wRqjUzBRMB0GA1Ud
DgQWBBR/hJTf9/lcDKl3Op/AYZWKBe2mwzAfBgNVHSMEGDAWgBR/hJTf9/lcDKl3
Op/AYZWKBe2mwzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIG88
0xnFFfaw+HUWaTFrb6uc9JkcizRhvUUYVGLSVFE7AiAuVC0LleezHdxfU9hCx5sr
bu+us5T7r16IEiX+BADrGw==
-----END CERTIFICATE-----
`

/** Every value that must not leave Auth0 has this word. */
const secret = (where: string) => `SECRET-${where}`

const template = (claim: string) => ['$', '{context.tokenset.', claim, '}'].join('')

async function connect(strategy: string, name: string, options: object): Promise<string> {
  const connection = { name, strategy, display_name: `Acme | <b>${name}</b>`, options }
  const { id } = (await management(bed, 'POST', 'connections', connection)) as { id: string }
  const enabled = `organizations/${organizations.acme.auth0Id}/enabled_connections`
  await management(bed, 'POST', enabled, { connection_id: id, assign_membership_on_login: true })
  return id
}

async function sso(...args: string[]) {
  const lines: string[] = []
  const output = { write: (text: string) => lines.push(text) > 0 }
  const code = await runBackfill(['sso', ...args], {
    print: (line) => lines.push(line),
    progress: (label) => createProgress(label, output),
    folder: bed.folder,
    signal: new AbortController().signal,
  })
  const folder = join(bed.folder, 'sso')
  const names = (await readdir(folder)).sort()
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return { code, output: lines.join('\n'), names, files, folder }
}

it('hands over each connection of a customer, and no secret of any option', async () => {
  const saml = await connect('samlp', 'acme-saml', {
    signInEndpoint: `https://user:${secret('user')}@idp.acme.example/sso?key=${secret('query')}#${secret('hash')}`,
    metadataUrl: `not a url ${secret('url')}`,
    signingCert: Buffer.from(certificate).toString('base64'),
    cert: secret('cert'),
    signing_key: { key: secret('signing_key'), cert: secret('signing_cert') },
    decryptionKey: { key: secret('decryption'), cert: secret('decryption_cert') },
    metadataXml: `<xml>${secret('xml')}</xml>`,
    requestTemplate: secret('template'),
    domain_aliases: ['acme.example', secret('domain')],
    fieldsMap: {
      email: ['http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress'],
      groups: 'memberOf',
      note: `${secret('field')} with words`,
    },
    idpinitiated: { enabled: true, client_authorizequery: secret('idpinitiated') },
    upstream_params: { key: { value: secret('upstream') } },
    anything_new: secret('new'),
  })
  await management(bed, 'POST', `connections/${saml}/scim-configuration`)
  await connect('oidc', 'acme-oidc', {
    issuer: 'https://oidc.acme.example',
    client_id: secret('client_id'),
    client_secret: secret('client_secret'),
    oidc_metadata: { token_endpoint: `https://oidc.acme.example/${secret('token_endpoint')}` },
    attribute_map: { attributes: { email: template('mail') }, mapping_mode: 'use_map' },
  })
  await connect('ad', 'acme-ad', { bindPassword: secret('bind'), ips: [secret('ip')] })

  const { code, output, names, files, folder } = await sso()
  expect(names).toEqual(['acme.json', 'acme.md'])
  expect(output).toContain('1 of 2 organizations')
  expect(output).toContain('sso_impossible')
  expect(code).toBe(2)
  for (const text of [output, ...files]) expect(text).not.toContain('SECRET')
  expect((await stat(join(folder, 'acme.md'))).mode & 0o077).toBe(0)
  expect(writesAtStytch(bed)).toEqual([])

  const [json = '', page = ''] = files
  expect(JSON.parse(json)).toMatchObject({
    organization: { slug: 'acme', legacyId: organizations.acme.auth0Id, stytchId: null },
    connections: [
      {
        name: 'acme-saml',
        protocol: 'saml',
        endpoints: { signInEndpoint: 'https://idp.acme.example/sso' },
        domains: ['acme.example'],
        attributes: { groups: 'memberOf' },
        certificates: [{ sha256: expect.stringMatching(/^[0-9A-F:]{95}$/) }],
        hasScim: true,
        joinsOnLogin: true,
        idpInitiated: true,
        encryptsAssertions: true,
        atAuth0: { acsUrl: `${bed.auth0.url}/login/callback?connection=acme-saml` },
      },
      {
        name: 'acme-oidc',
        protocol: 'oidc',
        endpoints: { issuer: 'https://oidc.acme.example' },
        hasScim: false,
        attributes: { email: 'mail' },
      },
      { name: 'acme-ad', protocol: 'none', atAuth0: null },
    ],
    roles: { admin: 'stytch_admin', editor: 'editor' },
  })
  for (const wanted of [
    'acs_url',
    'audience_uri',
    'Way back',
    'SCIM token',
    'client secret',
    '`memberOf`',
  ]) {
    expect(page).toContain(wanted)
  }
  // A name from Auth0 does not become markup.
  expect(page).toContain('\\<b\\>acme-saml\\</b\\>')
})

it('a customer who writes markup into its connection changes no page, and stops no other', async () => {
  await connect('samlp', 'mallory', {
    signInEndpoint: 'https://idp.acme.example/|[click](https://evil.example)|',
    fieldsMap: { constructor: 'mail', email: 'mail' },
  })
  const { files } = await sso()
  const page = files[1] ?? ''
  const row = page.split('\n').find((line) => line.startsWith('| signInEndpoint')) ?? ''
  expect(row.split(/(?<!\\)\|/)).toHaveLength(4)
  expect(page).toContain('Stytch has no field for `constructor`')
})
