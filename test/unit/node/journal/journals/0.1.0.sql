-- A journal as hublink 0.1.0 made it.
BEGIN TRANSACTION;
CREATE TABLE held (only INTEGER PRIMARY KEY CHECK (only = 1)) WITHOUT ROWID;
CREATE TABLE origins (
  origin_of TEXT PRIMARY KEY, requested_by TEXT NOT NULL, resend_of TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE publications (
  transfer TEXT PRIMARY KEY, generation INTEGER NOT NULL, path TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL,
  receipt BLOB NOT NULL, refuse_existing INTEGER NOT NULL, job INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0)
  WITHOUT ROWID;
INSERT INTO "publications" VALUES('b1',1,'in/x','xxh128:00',9,X'0102',0,0,0);
CREATE TABLE published (
  sender TEXT NOT NULL, file TEXT NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (sender, file)) WITHOUT ROWID;
INSERT INTO "published" VALUES('HOST1','FILE01',7);
CREATE TABLE receivers (
  transfer TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, job TEXT, PRIMARY KEY (transfer, name)) WITHOUT ROWID;
INSERT INTO "receivers" VALUES('a2','HOST2','queued',NULL);
CREATE TABLE requests (request TEXT PRIMARY KEY, transfer TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "requests" VALUES('r1','a2');
CREATE TABLE sequences (file TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "sequences" VALUES('FILE01',1795000000009);
CREATE TABLE spool_parts (
  transfer TEXT NOT NULL, first INTEGER NOT NULL, header BLOB NOT NULL, metadata BLOB NOT NULL, envelopes BLOB NOT NULL,
  PRIMARY KEY (transfer, first));
CREATE TABLE spool_words (
  transfer TEXT NOT NULL, name TEXT NOT NULL, receipt INTEGER NOT NULL, said BLOB NOT NULL,
  PRIMARY KEY (transfer, name));
CREATE TABLE spools (
  transfer TEXT PRIMARY KEY, told TEXT NOT NULL, names TEXT NOT NULL, offer BLOB NOT NULL, chunks INTEGER NOT NULL,
  chunk_size INTEGER NOT NULL, end BLOB NOT NULL, used_ms INTEGER NOT NULL);
INSERT INTO "spools" VALUES('s1','{"open_id":"0123456789abcdef","attempt":1,"to":["HOST2"],"only":[],"store":[2,1795600000000,false,false]}','["HOST2"]',X'0001',1,1024,X'00',1795000000000);
CREATE TABLE transfers (
  transfer TEXT NOT NULL, side INTEGER NOT NULL, file TEXT NOT NULL, sender TEXT NOT NULL, receivers TEXT NOT NULL,
  state TEXT NOT NULL, finished INTEGER NOT NULL, sequence INTEGER NOT NULL, attempt INTEGER NOT NULL, all_sent INTEGER NOT NULL,
  bytes INTEGER NOT NULL, size INTEGER NOT NULL, started_ms INTEGER NOT NULL, ended_ms INTEGER,
  reason_code TEXT, reason_hop TEXT, reason_text TEXT, path TEXT NOT NULL, digest TEXT NOT NULL,
  generation INTEGER NOT NULL, source TEXT, safe_bytes INTEGER NOT NULL, safe_digest TEXT NOT NULL,
  cancel_wanted INTEGER NOT NULL, not_before_ms INTEGER NOT NULL, rate INTEGER, jobs TEXT, job_due TEXT,
  broken TEXT,
  PRIMARY KEY (transfer, side)) WITHOUT ROWID;
INSERT INTO "transfers" VALUES('a1',0,'FILE01','HOST1','{"HOST2":"done"}','done',1,7,1,1,9,9,1795000000000,1795000001000,NULL,NULL,NULL,'out/x','xxh128:00',1,NULL,0,'',0,0,NULL,NULL,NULL,NULL);
INSERT INTO "transfers" VALUES('a2',0,'FILE01','HOST1','{"HOST2":"queued"}','queued',0,8,1,0,9,9,1795000000000,NULL,NULL,NULL,NULL,'out/x','xxh128:00',1,NULL,0,'',0,0,NULL,NULL,NULL,'[[1,1795000001000,"hop-down","ServerB","gone"]]');
INSERT INTO "transfers" VALUES('b1',1,'FILE01','HOST1','{"HOST2":"running"}','running',0,9,1,1,9,9,1795000000000,NULL,NULL,NULL,NULL,'in/x','xxh128:00',1,NULL,0,'',0,0,NULL,NULL,NULL,NULL);
CREATE INDEX transfers_open ON transfers (transfer) WHERE finished = 0;
CREATE INDEX transfers_file ON transfers (file, transfer);
CREATE INDEX transfers_job ON transfers (transfer) WHERE job_due IS NOT NULL;
CREATE INDEX transfers_ended ON transfers (ended_ms) WHERE finished = 1;
CREATE INDEX requests_transfer ON requests (transfer);
CREATE INDEX publications_open ON publications (transfer) WHERE done = 0;
COMMIT;
