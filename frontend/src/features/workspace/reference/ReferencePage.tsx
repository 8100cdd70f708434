import { Anchor, Box, Button, Group, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { IconExternalLink, IconFileCode, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import { Page } from '@/components/Page'
import { Copyable } from '@/components/Secret'
import { Loaded } from '@/components/states'
import { EndpointRow } from './EndpointRow'
import { documentQuery, matching, tagsOf } from './endpoints'
import { QuickStart } from './QuickStart'
import classes from './reference.module.css'

export function ReferencePage() {
  const { t } = useTranslation('workspace')
  const { tenant, may, path } = useTenant()
  return (
    <Page
      title={t('refTitle')}
      lead={t('refLead')}
      actions={
        <>
          <Button
            component="a"
            href="/api/v1/schema"
            target="_blank"
            variant="default"
            leftSection={<IconFileCode size={16} />}
          >
            {t('refSchema')}
          </Button>
          <Button
            component="a"
            href="/api/v1/docs"
            target="_blank"
            leftSection={<IconExternalLink size={16} />}
          >
            {t('refDocs')}
          </Button>
        </>
      }
    >
      <Box component="section">
        <Title order={2} mb="xs">
          {t('refStart')}
        </Title>
        <Group gap="xl" mb="sm">
          <Fact label={t('refBase')} value={`${window.location.origin}/api/v1`} />
          <Fact label={t('refWorkspace')} value={tenant.id} />
        </Group>
        <Text size="sm" mb="sm">
          {t('refKeyFirst', { placeholder: 'tl_live_…' })}{' '}
          {may('keys.read') && (
            <Anchor component={Link} to={path('keys')} size="sm">
              {t('refToKeys')}
            </Anchor>
          )}
        </Text>
        <QuickStart />
      </Box>
      <Endpoints />
      <Sockets />
    </Page>
  )
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Copyable value={value} />
    </div>
  )
}

function Endpoints() {
  const { t } = useTranslation('workspace')
  const query = useQuery(documentQuery)
  const [word, setWord] = useState('')
  return (
    <Box component="section">
      <Group justify="space-between" mb="sm">
        <Title order={2}>{t('refEndpoints')}</Title>
        <TextInput
          aria-label={t('refFilter')}
          placeholder={t('refFilter')}
          leftSection={<IconSearch size={16} />}
          value={word}
          onChange={(event) => setWord(event.currentTarget.value)}
        />
      </Group>
      <Loaded query={query} rows={8}>
        {(document) => {
          const tags = matching(tagsOf(document), word)
          if (tags.length === 0) return <Text c="dimmed">{t('refNothing')}</Text>
          return (
            <Stack gap="lg">
              {tags.map(({ name, endpoints }) => (
                <section key={name} aria-label={name}>
                  <Title order={3} className={classes.tag}>
                    {name}
                  </Title>
                  {endpoints.map((endpoint) => (
                    <EndpointRow key={endpoint.id} endpoint={endpoint} />
                  ))}
                </section>
              ))}
            </Stack>
          )
        }}
      </Loaded>
    </Box>
  )
}

const SOCKETS = ['calls', 'talk', 'listen'] as const

function Sockets() {
  const { t } = useTranslation('workspace')
  return (
    <Box component="section">
      <Title order={2} mb={4}>
        {t('refLive')}
      </Title>
      <Text size="sm" mb="sm">
        {t('refLiveText')}{' '}
        <Anchor href="/api/v1/asyncapi.yaml" target="_blank" size="sm">
          {t('refAsyncapi')}
        </Anchor>
      </Text>
      <Table>
        <Table.Tbody>
          {SOCKETS.map((name) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={400} className="tl-mono">
                {`/ws/v1/${name}/`}
              </Table.Th>
              <Table.Td>{t(`refSockets.${name}`)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Box>
  )
}
