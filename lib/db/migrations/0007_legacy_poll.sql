CREATE TABLE "legacy_poll" (
	"id" integer PRIMARY KEY NOT NULL,
	"ran_at" timestamp with time zone NOT NULL,
	"checked_at" timestamp with time zone NOT NULL,
	"cursor" text NOT NULL
);
