/** The form of a single sign-on, and what of it is sent. */
import type { components } from '@/api/schema'

export type Sso = components['schemas']['SingleSignOn']
export type SsoInput = components['schemas']['SingleSignOnInputRequest']
export type GrantedRole = SsoInput['default_role']

export interface SsoDraft {
  protocol: 'oidc' | 'saml'
  server_url: string
  client_id: string
  client_secret: string
  idp_metadata_url: string
  idp_entity_id: string
  idp_sso_url: string
  idp_certificate: string
  email_domains: string[]
  default_role: GrantedRole
  enforced: boolean
}

export const draftOf = (sso: Sso): SsoDraft => ({
  protocol: sso.protocol ?? 'oidc',
  server_url: sso.server_url,
  client_id: sso.client_id,
  client_secret: '',
  idp_metadata_url: sso.idp_metadata_url,
  idp_entity_id: sso.idp_entity_id,
  idp_sso_url: sso.idp_sso_url,
  idp_certificate: sso.idp_certificate,
  email_domains: [...sso.email_domains],
  default_role: sso.default_role ?? 'analyst',
  enforced: sso.enforced,
})

/** Only what belongs to the protocol; an empty secret keeps the one that is stored. */
export function inputOf(draft: SsoDraft): SsoInput {
  const { protocol, email_domains, default_role, enforced } = draft
  const common = { protocol, email_domains, default_role, enforced }
  if (protocol === 'oidc') {
    const { server_url, client_id, client_secret } = draft
    return { ...common, server_url, client_id, ...(client_secret ? { client_secret } : {}) }
  }
  const { idp_metadata_url, idp_entity_id, idp_sso_url, idp_certificate } = draft
  return {
    ...common,
    ...(idp_metadata_url ? { idp_metadata_url } : { idp_entity_id, idp_sso_url, idp_certificate }),
  }
}

/** Whether a SAML draft names a provider in one of the two ways. */
export const namesProvider = (draft: SsoDraft) =>
  Boolean(draft.idp_metadata_url || (draft.idp_entity_id && draft.idp_sso_url && draft.idp_certificate))
