/** The server's own table of who may do what. */
import { Box, Table, Text, Title, VisuallyHidden } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { Loaded } from '@/components/states'

export function RolesTable() {
  const { t } = useTranslation('workspace')
  const query = $api.useQuery('get', '/api/v1/roles', {}, { staleTime: Infinity })
  return (
    <Box component="section">
      <Title order={2} size="h3" mb="xs">
        {t('rolesTitle')}
      </Title>
      <Loaded query={query} rows={8}>
        {({ roles, permissions }) => (
          <Table.ScrollContainer minWidth={640}>
            <Table verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('permission')}</Table.Th>
                  {roles.map(({ role }) => (
                    <Table.Th key={role} ta="center">
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
                      <Table.Td key={role} ta="center">
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
          </Table.ScrollContainer>
        )}
      </Loaded>
    </Box>
  )
}
