/** Whereto calls may go; it is changed where the other limits are. */
import { Anchor, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { May, useTenant } from '@/api/session'
import { countryName } from '@/components/countries'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'

export function AllowedCountries() {
  const { t } = useTranslation('workspace')
  const { path } = useTenant()
  const query = $api.useQuery('get', '/api/v1/tenant')
  return (
    <Section title={t('countriesTitle')} text={t('countriesText')}>
      <Loaded query={query} rows={2}>
        {({ countries_in_force }) => (
          <Stack gap="xs" align="flex-start">
            <Text size="sm">{countries_in_force.map(countryName).join(', ')}</Text>
            <May permission="billing.write">
              <Anchor component={Link} to={path('billing')} search={{ tab: 'limits' } as never} size="sm">
                {t('countriesChange')}
              </Anchor>
            </May>
          </Stack>
        )}
      </Loaded>
    </Section>
  )
}
