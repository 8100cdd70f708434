import { Code, Table, Text } from '@mantine/core'
import { IconChevronRight } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Endpoint, Parameter } from './endpoints'
import classes from './reference.module.css'

export function EndpointRow({ endpoint }: { endpoint: Endpoint }) {
  const { method, path, summary, description, parameters, example } = endpoint
  const { t } = useTranslation('workspace')
  const [opened, setOpened] = useState(false)
  return (
    <details className={classes.endpoint} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>
        <IconChevronRight size={15} className={classes.chevron} aria-hidden />
        <span className={classes.method} data-method={method}>
          {method}
        </span>
        <span className={classes.path}>{path}</span>
        <span className={classes.summary}>{summary}</span>
      </summary>
      {opened && (
        <div className={classes.more}>
          {description && <Words text={description} />}
          {parameters.length > 0 && <Parameters parameters={parameters} />}
          {example && (
            <div>
              <Text size="sm" fw={500} mb={4}>
                {t('refBody')}
              </Text>
              <Code block>{example}</Code>
            </div>
          )}
        </div>
      )}
    </details>
  )
}

function Parameters({ parameters }: { parameters: Parameter[] }) {
  const { t } = useTranslation('workspace')
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('refParameter')}</Table.Th>
            <Table.Th>{t('refIn')}</Table.Th>
            <Table.Th>{t('refMeaning')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {parameters.map(({ name, in: place, required, description = '' }) => (
            <Table.Tr key={place + name}>
              <Table.Td className="tl-mono">{name}</Table.Td>
              <Table.Td>{required ? `${place}, ${t('refRequired')}` : place}</Table.Td>
              <Table.Td>
                <Words text={description} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

/** Text of the document: what stands between backticks is code. */
function Words({ text }: { text: string }) {
  return (
    <Text size="sm" component="p" m={0} style={{ whiteSpace: 'pre-line' }}>
      {text.split('`').map((part, i) => (i % 2 ? <Code key={i}>{part}</Code> : part))}
    </Text>
  )
}
