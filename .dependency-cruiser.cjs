/** The direction of imports: an area may import what stands before it (ARCHITECTURE.md). */
const order = [
  ['engine'],
  ['audit'],
  ['backends'],
  ['profile'],
  ['deployment'],
  ['load'],
  ['bench', 'verify', 'operate', 'cost', 'dev'],
  ['replay'],
  ['report'],
  ['tui'],
];

const areaPath = (areas) => `^src/(${areas.join('|')})/`;
const outside = '^(commands|bin|scripts|benchmarks|test)/';

const downwards = order.flatMap((areas, level) => {
  const above = order.slice(level + 1).flat();
  return areas.map((area) => ({
    name: `${area}-imports-downwards`,
    comment: `src/${area} may import only what stands before it in the order.`,
    severity: 'error',
    from: { path: `^src/${area}/` },
    to: {
      path: [
        outside,
        ...(above.length === 0 ? [] : [areaPath(above)]),
        ...(areas.length === 1 ? [] : [areaPath(areas.filter((sibling) => sibling !== area))]),
      ],
    },
  }));
});

module.exports = {
  forbidden: [
    ...downwards,
    {
      name: 'engine-imports-nothing-outside-itself',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { pathNot: '^src/engine/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'audit-knows-only-the-engine',
      severity: 'error',
      from: { path: '^src/audit/' },
      to: { pathNot: '^src/(audit|engine)/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'backends-do-not-import-one-another',
      severity: 'error',
      from: { path: '^src/backends/([^/]+)/' },
      to: { path: '^src/backends/[^/]+/', pathNot: '^src/backends/$1/' },
    },
    {
      name: 'commands-are-imported-by-bin-only',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: outside },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: { path: '^(src|commands)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev', 'unknown'] },
    },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
