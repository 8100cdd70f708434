/** The server's own table of who may do what. */
import { Box, Select, Table, Text, Title, VisuallyHidden } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { useTenant } from '@/api/session'
import { Loaded } from '@/components/states'
import { ROLES, type Role } from '../roles'

export function RolesTable() {
  const { t } = useTranslation('workspace')
  const { role: own } = useTenant()
  const query = $api.useQuery('get', '/api/v1/roles', {}, { staleTime: Infinity })
  // A narrow page has room for one role at a time.
  const [looked, setLooked] = useState<Role>(own)
  const wideOnly = (role: Role) => (role === looked ? undefined : 'sm')
  return (
    <Box component="section">
      <Title order={2} size="h3" mb="xs">
        {t('rolesTitle')}
      </Title>
      <Loaded query={query} rows={8}>
        {({ roles, permissions }) => (
          <>
            <Select
              hiddenFrom="sm"
              mb="xs"
              aria-label={t('role')}
              allowDeselect={false}
              value={looked}
              data={ROLES.map((role) => ({ value: role, label: t(`roles.${role}`) }))}
              onChange={(role) => role && setLooked(role as Role)}
            />
            <Table verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('permission')}</Table.Th>
                  {roles.map(({ role }) => (
                    <Table.Th key={role} ta="center" visibleFrom={wideOnly(role)}>
                      {t(`roles.${role}`)}
                    </Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {permissions.map(({ name, description }) => (
                  <Table.Tr key={name}>
                    <Table.Th scope="row" fw={400}>
                      <span className="tl-mono">{name}</span>
                      <Text size="xs" c="dimmed">
                        {description}
                      </Text>
                    </Table.Th>
                    {roles.map(({ role, permissions: held }) => (
                      <Table.Td key={role} ta="center" visibleFrom={wideOnly(role)}>
                        {held.includes(name) ? (
                          <IconCheck size={17} role="img" aria-label={t('may')} />
                        ) : (
                          <VisuallyHidden>{t('mayNot')}</VisuallyHidden>
                        )}
                      </Table.Td>
                    ))}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </>
        )}
      </Loaded>
    </Box>
  )
}
