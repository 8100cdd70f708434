/** Every event that there is: when it is told, what it holds, and one whole message of it. */
import { Anchor, Badge, Group, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { IconChevronRight, IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CodeBlock } from '@/components/CodeBlock'
import { Loaded } from '@/components/states'
import { type EventType, useEventTypes } from '../data'
import { readable } from '../deliveries/body'
import { familiesOf } from '../endpoint/values'
import classes from '../webhooks.module.css'
import { useFamilyName } from '../words'
import { fieldsOf } from './schema'

export function Catalogue() {
  const { t } = useTranslation('webhooks')
  const familyName = useFamilyName()
  const query = useEventTypes()
  const [typed, type] = useState('')
  const word = typed.trim().toLowerCase()
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-end">
        <Text size="sm" maw={640}>
          {t('catalogueText')}{' '}
          <Anchor href="/api/v1/schema" target="_blank" size="sm">
            {t('catalogueSchema')}
          </Anchor>
        </Text>
        <TextInput
          aria-label={t('catalogueFind')}
          placeholder={t('catalogueFind')}
          type="search"
          leftSection={<IconSearch size={16} />}
          value={typed}
          onChange={(event) => type(event.currentTarget.value)}
        />
      </Group>
      <Loaded query={query} rows={10}>
        {({ results }) => {
          const found = results.filter(({ name, description }) =>
            `${name} ${description}`.toLowerCase().includes(word),
          )
          if (found.length === 0) return <Text c="dimmed">{t('catalogueNothing')}</Text>
          return familiesOf(found).map((family) => (
            <section key={family.name} aria-label={familyName(family.name)}>
              <Title order={2} size="h3" mb={4}>
                {familyName(family.name)}
              </Title>
              {family.types.map((one) => (
                <TypeRow key={one.name} type={one} />
              ))}
            </section>
          ))
        }}
      </Loaded>
    </Stack>
  )
}

function TypeRow({ type }: { type: EventType }) {
  const { t } = useTranslation('webhooks')
  const [opened, setOpened] = useState(false)
  return (
    <details className={classes.type} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>
        <IconChevronRight size={15} className={classes.chevron} aria-hidden />
        <span className={classes.name}>{type.name}</span>
        <span className={classes.about}>{type.description}</span>
        <Badge color="gray">{t('version', { number: type.version })}</Badge>
      </summary>
      {opened && <TypeDetails type={type} />}
    </details>
  )
}

function TypeDetails({ type }: { type: EventType }) {
  const { t } = useTranslation('webhooks')
  return (
    <div className={classes.more}>
      <div className={classes.sides}>
        <div className={classes.side}>
          <Title order={3} size="h4" mb={4}>
            {t('fields')}
          </Title>
          <Table fz="xs" verticalSpacing={4}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('field')}</Table.Th>
                <Table.Th>{t('fieldType')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {fieldsOf(type.schema).map((field) => (
                <Table.Tr key={field.path}>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>
                    <span className="tl-mono">{field.path}</span>
                    {field.description && (
                      <Text size="xs" c="dimmed">
                        {field.description.replaceAll('`', '')}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>
                    {field.type}
                    {!field.required && (
                      <Text size="xs" c="dimmed">
                        {t('optional')}
                      </Text>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
        <div className={classes.side}>
          <Title order={3} size="h4" mb={8}>
            {t('example')}
          </Title>
          <CodeBlock
            text={readable(type.example)}
            label={t('exampleOf', { name: type.name })}
            maxHeight={560}
          />
        </div>
      </div>
    </div>
  )
}
