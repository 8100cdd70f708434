/** Passkeys: the browser's side of WebAuthn. Each function is one ceremony with the server. */
import { accounts, type Answer, type SessionData } from '@/api/accounts'
import { Problem } from '@/api/problem'

type Options = { publicKey: Record<string, unknown> }

export function passkeysSupported(): boolean {
  return (
    typeof PublicKeyCredential !== 'undefined' &&
    'parseRequestOptionsFromJSON' in PublicKeyCredential &&
    window.isSecureContext
  )
}

/** `path` is one of the API's three: webauthn/login, webauthn/authenticate, webauthn/reauthenticate. */
export async function askPasskey(path: string, refusal: string): Promise<Answer<SessionData>> {
  const { data } = await accounts<{ request_options: Options }>('GET', `auth/${path}`)
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    data.request_options.publicKey as unknown as PublicKeyCredentialRequestOptionsJSON,
  )
  const credential = await ceremony(() => navigator.credentials.get({ publicKey }), refusal)
  return accounts<SessionData>('POST', `auth/${path}`, { credential: credential.toJSON() })
}

/** What the server says of a new passkey, before it is asked to keep it. */
export async function createPasskey(options: Options, refusal: string): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options.publicKey as unknown as PublicKeyCredentialCreationOptionsJSON,
  )
  return (await ceremony(() => navigator.credentials.create({ publicKey }), refusal)).toJSON()
}

async function ceremony(
  begin: () => Promise<Credential | null>,
  refusal: string,
): Promise<PublicKeyCredential> {
  const credential = await begin().catch(() => null)
  if (!credential) throw new Problem(400, 'passkey', refusal)
  return credential as PublicKeyCredential
}
