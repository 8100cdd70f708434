import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { May, useTenant } from '@/api/session'

/** Where the balance is topped up, for those who may. */
export function TopUpLink() {
  const { t } = useTranslation('common')
  const { path } = useTenant()
  return (
    <May permission="billing.write">
      <Anchor component={Link} to={path('billing')} inherit c="inherit" underline="always">
        {t('topUp')}
      </Anchor>
    </May>
  )
}
