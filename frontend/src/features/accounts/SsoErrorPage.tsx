import { Button, Text } from '@mantine/core'
import { Link, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Entrance } from './Entrance'

/** Where a login at a provider ends that has failed: `?error=` says why. */
export function SsoErrorPage() {
  const { t, i18n } = useTranslation('accounts')
  const { error }: { error?: unknown } = useSearch({ strict: false })
  const code = typeof error === 'string' ? error : 'unknown'
  const known = i18n.exists(`ssoErrors.${code}`, { ns: 'accounts' })
  return (
    <Entrance
      title={t('ssoErrorTitle')}
      lead={known ? t(`ssoErrors.${code as 'unknown'}`) : t('ssoErrorText')}
    >
      {!known && (
        <Text size="sm" c="dimmed">
          {t('ssoErrorCode', { code })}
        </Text>
      )}
      <Button component={Link} to="/login">
        {t('backToLogin')}
      </Button>
    </Entrance>
  )
}
