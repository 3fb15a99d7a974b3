/// Accounts of several servers: who may the same everywhere is one row.
const kindOf = row => JSON.stringify([row.user, row.rights ?? [], row.transfers ?? []]);

/// Rows of users-list; each of the answer has `at`, the servers, and a `key` of its own.
export function accountRows(users) {
  const kinds = new Map();
  for (const row of users) {
    const known = kinds.get(kindOf(row));
    if (!known) kinds.set(kindOf(row), { ...row, at: [row.node] });
    else {
      known.at.push(row.node);
      known.failures = (known.failures ?? 0) + (row.failures ?? 0);
      if (row.made < known.made) known.made = row.made;
    }
  }
  const rows = [...kinds.values()].sort((a, b) => (a.user < b.user ? -1 : a.user > b.user ? 1 : 0));
  const several = user => rows.filter(row => row.user === user).length > 1;
  return rows.map(row => ({ ...row, key: several(row.user) ? `${row.user} ${row.at.join(" ")}` : row.user }));
}
