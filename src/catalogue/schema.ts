/**
 * The index of inodes, by which moved files and further links are recognised. It is made when the first scan of a new catalogue is over: kept up during it, it costs 1.4 s of
 * processor time a million files, made afterwards 0.3 s.
 */
export const INODE_INDEX = 'CREATE INDEX IF NOT EXISTS node_inode ON node (inode)';

/**
 * The schema, as the migrations that lead to it: entry i brings version i to version i + 1. A released entry is never changed again. What the tables
 * mean is in docs/formats.md.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE root (
    id INTEGER PRIMARY KEY,
    node INTEGER NOT NULL UNIQUE,
    path BLOB NOT NULL UNIQUE,
    recursive INTEGER NOT NULL DEFAULT 1,
    added INTEGER NOT NULL,
    scanned INTEGER
  );
  CREATE TABLE node (
    id INTEGER PRIMARY KEY,
    parent INTEGER NOT NULL,
    name BLOB NOT NULL,
    kind INTEGER NOT NULL,
    size INTEGER NOT NULL,
    disk INTEGER NOT NULL,
    mtime INTEGER NOT NULL,
    ctime INTEGER NOT NULL,
    born INTEGER NOT NULL,
    mode INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    gid INTEGER NOT NULL,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    links INTEGER NOT NULL,
    digest BLOB
  );
  CREATE UNIQUE INDEX node_place ON node (parent, name);
  CREATE INDEX node_digest ON node (digest) WHERE digest IS NOT NULL;
  CREATE INDEX node_linked ON node (inode) WHERE links > 1 AND kind <> 4;

  CREATE TABLE directory (
    node INTEGER PRIMARY KEY,
    size INTEGER NOT NULL DEFAULT 0,
    disk INTEGER NOT NULL DEFAULT 0,
    files INTEGER NOT NULL DEFAULT 0,
    directories INTEGER NOT NULL DEFAULT 0,
    unhashed INTEGER NOT NULL DEFAULT 0,
    newest INTEGER NOT NULL DEFAULT 0,
    digest BLOB NOT NULL DEFAULT (zeroblob(32)),
    listing INTEGER NOT NULL DEFAULT 0,
    listed INTEGER,
    touched INTEGER,
    unrecorded INTEGER
  );
  CREATE INDEX directory_touched ON directory (touched) WHERE touched IS NOT NULL;
  CREATE INDEX directory_unrecorded ON directory (unrecorded) WHERE unrecorded IS NOT NULL;

  CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    node INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    process INTEGER,
    fromParent INTEGER,
    fromName BLOB,
    toParent INTEGER,
    toName BLOB,
    within INTEGER,
    before BLOB
  );
  CREATE INDEX event_node ON event (node, id);
  CREATE INDEX event_from ON event (fromParent, fromName) WHERE fromParent IS NOT NULL;
  CREATE INDEX event_arrival ON event (node, id) WHERE toParent IS NOT NULL;
  CREATE INDEX event_time ON event (time);

  CREATE TABLE process (
    id INTEGER PRIMARY KEY,
    pid INTEGER NOT NULL,
    started INTEGER NOT NULL,
    executable BLOB,
    unit TEXT,
    uid INTEGER,
    UNIQUE (pid, started)
  );

  CREATE TABLE content (
    digest BLOB PRIMARY KEY,
    size INTEGER NOT NULL,
    ref BLOB NOT NULL,
    stored INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE gap (
    id INTEGER PRIMARY KEY,
    root INTEGER NOT NULL,
    reason TEXT NOT NULL,
    opened INTEGER NOT NULL,
    closed INTEGER,
    found INTEGER NOT NULL DEFAULT 0
  );

  CREATE TABLE failure (
    id INTEGER PRIMARY KEY,
    node INTEGER NOT NULL,
    name BLOB NOT NULL,
    code TEXT NOT NULL,
    call TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    count INTEGER NOT NULL,
    UNIQUE (node, name, code)
  );

  CREATE TABLE package (
    id INTEGER PRIMARY KEY,
    manager INTEGER NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    summary TEXT NOT NULL,
    stamp TEXT NOT NULL,
    UNIQUE (manager, key)
  );
  CREATE TABLE packageFolder (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE
  );
  CREATE TABLE packageFile (
    folder INTEGER NOT NULL,
    name BLOB NOT NULL,
    package INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    PRIMARY KEY (folder, name, package)
  ) WITHOUT ROWID;

  CREATE TABLE description (
    node INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    written INTEGER NOT NULL
  );
  CREATE TABLE generatedDescription (
    digest BLOB NOT NULL,
    model TEXT NOT NULL,
    text TEXT NOT NULL,
    made INTEGER NOT NULL,
    PRIMARY KEY (digest, model)
  ) WITHOUT ROWID;

  CREATE TABLE summary (
    directory INTEGER NOT NULL,
    time INTEGER NOT NULL,
    size INTEGER NOT NULL,
    disk INTEGER NOT NULL,
    files INTEGER NOT NULL,
    directories INTEGER NOT NULL,
    PRIMARY KEY (directory, time)
  ) WITHOUT ROWID;

  CREATE TABLE property (
    name TEXT PRIMARY KEY,
    value
  ) WITHOUT ROWID;
  INSERT INTO property VALUES ('identity', lower(hex(randomblob(16))));
  INSERT INTO property VALUES ('listingKey', random());

  CREATE TABLE name_page (
    id INTEGER PRIMARY KEY,
    late INTEGER NOT NULL,
    nodes BLOB NOT NULL,
    names BLOB NOT NULL
  );
  CREATE INDEX name_page_late ON name_page (id) WHERE late = 1;
  CREATE VIRTUAL TABLE name_trigram USING fts5 (names, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1');
  INSERT INTO name_trigram (name_trigram, rank) VALUES ('automerge', 0), ('crisismerge', 1000000);
  CREATE TABLE name_changed (node INTEGER PRIMARY KEY);
  CREATE TRIGGER node_renamed AFTER UPDATE OF name ON node WHEN OLD.name IS NOT NEW.name
    BEGIN INSERT OR IGNORE INTO name_changed VALUES (NEW.id); END;
  `,
  `
  CREATE TABLE released (
    digest BLOB PRIMARY KEY
  ) WITHOUT ROWID;
  `,
  `
  ALTER TABLE node ADD COLUMN twin INTEGER NOT NULL DEFAULT 0;
  UPDATE node SET twin = 1 WHERE size > 0 AND digest IN (
    SELECT digest FROM node INDEXED BY node_digest WHERE digest IS NOT NULL GROUP BY digest HAVING count(*) > 1
  );
  CREATE INDEX node_twin ON node (digest, id, size, parent, name, device, inode) WHERE twin = 1;
  CREATE TRIGGER node_twin_found AFTER UPDATE OF digest ON node
    WHEN NEW.digest IS NOT NULL AND NEW.size > 0 AND EXISTS (SELECT 1 FROM node INDEXED BY node_digest WHERE digest = NEW.digest AND id <> NEW.id)
    BEGIN
      UPDATE node SET twin = 1 WHERE twin = 0
        AND id IN (NEW.id, (SELECT id FROM node INDEXED BY node_digest WHERE digest = NEW.digest AND id <> NEW.id LIMIT 1));
    END;
  CREATE TRIGGER node_twin_lost AFTER UPDATE OF digest ON node WHEN OLD.twin = 1 AND OLD.digest IS NOT NEW.digest
    BEGIN
      UPDATE node SET twin = 0 WHERE id = NEW.id AND (NEW.digest IS NULL
        OR NOT EXISTS (SELECT 1 FROM node INDEXED BY node_digest WHERE digest = NEW.digest AND id <> NEW.id));
      UPDATE node SET twin = 0 WHERE id = (SELECT id FROM node INDEXED BY node_digest WHERE digest = OLD.digest LIMIT 1)
        AND NOT EXISTS (SELECT 1 FROM node INDEXED BY node_digest WHERE digest = OLD.digest LIMIT 1 OFFSET 1);
    END;
  `,
  `
  DROP TRIGGER node_twin_found;
  DROP TRIGGER node_twin_lost;
  UPDATE node SET twin = 0 WHERE twin = 1 AND (kind <> 8
    OR NOT EXISTS (SELECT 1 FROM node AS other INDEXED BY node_digest WHERE other.digest = node.digest AND other.id <> node.id AND other.kind = 8));
  CREATE TRIGGER file_twin_found AFTER UPDATE OF digest ON node
    WHEN NEW.digest IS NOT NULL AND NEW.size > 0 AND NEW.kind = 8
      AND EXISTS (SELECT 1 FROM node INDEXED BY node_digest WHERE digest = NEW.digest AND id <> NEW.id AND kind = 8)
    BEGIN
      UPDATE node SET twin = 1 WHERE twin = 0
        AND id IN (NEW.id, (SELECT id FROM node INDEXED BY node_digest WHERE digest = NEW.digest AND id <> NEW.id AND kind = 8 LIMIT 1));
    END;
  CREATE TRIGGER file_twin_lost AFTER UPDATE OF digest ON node WHEN OLD.twin = 1 AND OLD.digest IS NOT NEW.digest
    BEGIN
      UPDATE node SET twin = 0 WHERE id = NEW.id AND (NEW.digest IS NULL
        OR NOT EXISTS (SELECT 1 FROM node INDEXED BY node_digest WHERE digest = NEW.digest AND id <> NEW.id AND kind = 8));
      UPDATE node SET twin = 0 WHERE id = (SELECT id FROM node INDEXED BY node_digest WHERE digest = OLD.digest AND kind = 8 LIMIT 1)
        AND NOT EXISTS (SELECT 1 FROM node INDEXED BY node_digest WHERE digest = OLD.digest AND kind = 8 LIMIT 1 OFFSET 1);
    END;
  `,
  `
  CREATE TABLE unread (node INTEGER PRIMARY KEY);
  `,
];

/** From this version on `node.twin` marks files, and them alone. */
export const FILE_TWINS_VERSION = 4;
/** From this version on there is the table `unread`. */
export const UNREAD_VERSION = 5;
