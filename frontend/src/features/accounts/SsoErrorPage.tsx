import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Entrance } from './Entrance'
import { useProviderFault } from './providerFault'

/** Where a login at a provider ends that has failed: `?error=` says why. */
export function SsoErrorPage() {
  const { t } = useTranslation('accounts')
  return (
    <Entrance title={t('ssoErrorTitle')} lead={useProviderFault() ?? t('ssoErrorText')}>
      <Button component={Link} to="/login">
        {t('backToLogin')}
      </Button>
    </Entrance>
  )
}
