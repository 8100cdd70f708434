import { useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

/** Why a login at a provider has failed, from the `?error=` that the browser comes back with; else null. */
export function useProviderFault(): string | null {
  const { t, i18n } = useTranslation('accounts')
  const { error }: { error?: unknown } = useSearch({ strict: false })
  if (typeof error !== 'string') return null
  if (i18n.exists(`ssoErrors.${error}`, { ns: 'accounts' })) return t(`ssoErrors.${error as 'unknown'}`)
  return `${t('ssoErrorText')} ${t('ssoErrorCode', { code: error })}`
}
