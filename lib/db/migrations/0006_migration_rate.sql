CREATE TABLE "migration_rate" (
	"at" timestamp with time zone PRIMARY KEY NOT NULL,
	"asked" integer NOT NULL,
	"allowed" integer NOT NULL
);
